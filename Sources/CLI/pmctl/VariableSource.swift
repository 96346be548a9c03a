import JSONCodec
import LinuxSystem
import Model

/// Where `--env-file` takes variables from.
enum VariableSource {
    /// A file here, with a variable in each line.
    case localFile(String)
    /// A variable whose value is the content of a file on the host.
    case hostFile(EnvironmentVariable)

    /// Reads the file.
    var variables: [EnvironmentVariable] {
        get throws(CommandError) {
            switch self {
            case .hostFile(let variable): return [variable]
            case .localFile(let path):
                let bytes: [UInt8]
                do { bytes = try FileSystem.read(path, limit: Limits.payload) } catch { throw .failed("\(error)") }
                return try Self.variables(in: bytes, of: path)
            }
        }
    }

    /// Lines `NAME=VALUE`. The value is taken as it is, without quoting rules. Empty lines and those that begin with `#`
    /// are skipped; lines may end with CR LF.
    static func variables(in bytes: [UInt8], of path: String) throws(CommandError) -> [EnvironmentVariable] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .failed("\(path) is not UTF-8") }
        var variables: [EnvironmentVariable] = []
        // By scalars: in a string, CR LF is one character that differs from LF.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
            guard let first = line.first, first != "#" else { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw .failed("\(path):\(number + 1): it must be NAME=VALUE")
            }
            variables.append(
                EnvironmentVariable(
                    name: String(line[..<equals]), value: String(line[line.index(after: equals)...])))
        }
        return variables
    }
}
