import JSONCodec
import LinuxSystem
import Model
import Wire

/// A local file that holds one config or several.
enum ConfigFile {
    /// The parsed JSON of the file, or of stdin if the path is a dash. The agent checks the config.
    static func read(_ path: String) throws(CommandError) -> JSON {
        let bytes: [UInt8]
        do {
            bytes =
                try path == "-"
                ? StandardStreams.readInput(limit: Limits.payload) : FileSystem.read(path, limit: Limits.payload)
        } catch {
            throw .failed("\(error)")
        }
        return try parse(bytes, of: path == "-" ? "stdin" : path)
    }

    /// - Parameter name: what to call the text in an error, which says line and column.
    static func parse(_ bytes: [UInt8], of name: String) throws(CommandError) -> JSON {
        let text = Array(bytes[JSON.content(of: bytes.span)])
        do throws(JSONError) {
            return try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        } catch {
            throw .failed("\(name): \(error.description(in: text.span, nestingLimit: Limits.nesting))")
        }
    }

    /// Refuses fields that an agent would ignore: they are likely to be misspelt.
    static func checkFields(of config: JSON, _ name: String, in path: String) throws(CommandError) {
        guard let stranger = ProcessSpec.ignoredFields(of: config).first else { return }
        throw .failed("\(path): \(name) has no field \"\(stranger)\"")
    }

    /// The unchanged configs of all files, for `apply`.
    ///
    /// They are checked here as well as by the agent, because only pmctl can name the file that is wrong.
    static func configs(_ paths: [String]) throws(CommandError) -> [JSON] {
        var configs: [JSON] = []
        var specs: [ProcessSpec] = []
        for path in paths {
            let json = try read(path)
            let list = (json["processes"] ?? json).array
            for (index, config) in (list ?? [json]).enumerated() {
                specs.append(try spec(config, list == nil ? "config" : "config[\(index)]", in: path))
                configs.append(config)
            }
        }
        do { _ = try StartOrder.sort(specs) } catch { throw .failed(error.detail) }
        return configs
    }

    private static func spec(_ config: JSON, _ name: String, in path: String) throws(CommandError) -> ProcessSpec {
        let spec: ProcessSpec
        do { spec = try ProcessSpec(config: config, named: name) } catch { throw .failed("\(path): \(error.detail)") }
        guard spec.name != nil else { throw .failed("\(path): missing \(name).name") }
        try checkFields(of: config, name, in: path)
        return spec
    }
}
