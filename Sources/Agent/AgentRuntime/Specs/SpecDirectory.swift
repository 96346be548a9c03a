import ServiceSupport
import var Glibc.ENOENT
import JSONCodec
import LinuxSystem
import Model
import Wire

/// The host's own process specs: `*.json` files in one directory, each with a config, an array of configs or
/// `{"processes":[…]}`. A single config without a name gets the name of its file.
struct SpecDirectory {
    let path: String

    struct Contents {
        var specs: [ProcessSpec] = []
        /// The files that could not be read, and why.
        var failures: [(file: String, reason: String)] = []
    }

    /// - Returns: nil if the directory does not exist.
    func read() -> Contents? {
        let files: [String]
        do throws(SystemError) { files = try FileSystem.list(path) } catch {
            // What can't be read is not empty: for example when there are no descriptors left.
            return error.number == ENOENT ? nil : Contents(failures: [("", error.reason)])
        }
        var contents = Contents()
        for file in files where file.hasSuffix(".json") {
            do throws(Failure) {
                for spec in try specs(in: file) {
                    guard !contents.specs.contains(where: { $0.name == spec.name }) else {
                        throw Failure(.nameInUse, "\(spec.name.map { "\($0)" } ?? "") is also in another file")
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
