import ServiceSupport
import JSONCodec
import LinuxSystem
import Model
import Wire

/// The processes that this machine's own files want: `*.json` in one directory, each a config, an array of configs or
/// `{"processes":[…]}`. A single config is called as its file when it has no name.
struct SpecDirectory {
    let path: String

    struct Contents {
        var specs: [ProcessSpec] = []
        /// Why files could not be taken, by file.
        var failures: [(file: String, reason: String)] = []
    }

    /// - Returns: nil when there is no such directory.
    func read() -> Contents? {
        guard let files = try? FileSystem.list(path) else { return nil }
        var contents = Contents()
        for file in files where file.hasSuffix(".json") {
            do throws(Failure) {
                for spec in try specs(in: file) {
                    guard !contents.specs.contains(where: { $0.name == spec.name }) else {
                        throw Failure(.nameInUse, "\(spec.name.map { "\($0)" } ?? "") is in another file, too")
                    }
                    contents.specs.append(spec)
                }
            } catch {
                contents.failures.append((file, error.detail))
            }
        }
        return contents
    }

    private func specs(in file: String) throws(Failure) -> [ProcessSpec] {
        let json = try StateFile.read("\(path)/\(file)", limit: Limits.payload)
        guard let configs = json.array ?? json["processes"]?.array else {
            var spec = try ProcessSpec(config: json)
            spec.name = spec.name ?? Name(String(file.dropLast(".json".count)))
            return try [named(spec)]
        }
        var specs: [ProcessSpec] = []
        for config in configs { specs.append(try named(try ProcessSpec(config: config))) }
        return specs
    }

    private func named(_ spec: ProcessSpec) throws(Failure) -> ProcessSpec {
        guard spec.name != nil else { throw Failure(.missingArgument, "missing name") }
        return spec
    }
}
