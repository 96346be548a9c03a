import var Glibc.EFBIG
import var Glibc.EINVAL
import var Glibc.ESTALE
import LinuxSystem
import Model

/// The environment of a process: a few standard variables, nothing of the agent's own, and those of its spec.
struct BaseEnvironment {
    /// One `NAME=value` per variable, each name once.
    let assignments: [String]
    /// The search path for programs.
    let path: String

    /// - Parameter account: the account that the process runs as; nil is the agent's own.
    static func merged(
        with additions: [EnvironmentVariable], account: Account?, seeing files: FileView
    ) throws(Failure) -> BaseEnvironment {
        let added = Set(additions.map(\.name))
        let standard = [
            (name: "PATH", value: standardPath), (name: "HOME", value: account?.home ?? User.current.home),
            (name: "LANG", value: "C.UTF-8"), (name: "USER", value: account?.name ?? User.current.name),
        ]
        var assignments = standard.filter { !added.contains($0.name) }.map { "\($0.name)=\($0.value)" }
        var path = added.contains("PATH") ? "" : standardPath
        for variable in additions {
            let text = try text(of: variable, files)
            assignments.append("\(variable.name)=\(text)")
            if variable.name == "PATH" { path = text }
        }
        return BaseEnvironment(assignments: assignments, path: path)
    }

    private static func text(of variable: EnvironmentVariable, _ files: FileView) throws(Failure) -> String {
        let path: String
        switch variable.value {
        case .text(let text): return text
        case .file(let file): path = file
        }
        var bytes = try bytes(of: path, for: variable.name, files)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.contains(0) else { throw Failure(.execFailed, "env.\(variable.name): \(path) contains a NUL") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func bytes(
        of path: String, for name: String, _ files: FileView
    ) throws(Failure) -> [UInt8] {
        switch try files.read(path, limit: Limits.environmentFile + 1) {
        case .bytes(let bytes):
            guard bytes.count <= Limits.environmentFile else {
                throw Failure(.execFailed, "env.\(name): read \(path): \(SystemError.reason(EFBIG))")
            }
            return bytes
        case .error(EINVAL): throw Failure(.execFailed, "env.\(name): \(path) is not a regular file")
        case .error(ESTALE): throw Failure(.execFailed, "env.\(name): \(path) was replaced while it was checked")
        case .error(let number):
            throw Failure(.execFailed, "env.\(name): open \(path): \(SystemError.reason(number))")
        case .unanswered, .sight: throw FileView.silence(of: path)
        }
    }

    private static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
