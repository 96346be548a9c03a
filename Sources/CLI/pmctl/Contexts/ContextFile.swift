import JSONCodec
import LinuxSystem
import Model

/// The file with the contexts of a user: `{"current": "home", "contexts": {"home": {"broker": "mqtt://…", …}}}`.
///
/// It is `pmqtt/config.json` in `XDG_CONFIG_HOME`, which is `~/.config` by default. It is written in one step, and only
/// the user may read it.
struct ContextFile {
    let path: String
    /// The context that is used when none is named.
    var current: String?
    /// Sorted by name.
    private(set) var contexts: [Context] = []

    /// Nil without a home directory.
    static var path: String? {
        // The specification says to ignore relative paths.
        if let folder = Environment.value("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return "\(folder)/pmqtt/config.json"
        }
        return Environment.value("HOME").flatMap { $0.isEmpty ? nil : "\($0)/.config/pmqtt/config.json" }
    }

    /// Reads the file; one that does not exist has no contexts.
    init() throws(CommandError) {
        guard let path = Self.path else { throw .failed("HOME is not set: contexts have no file") }
        self.path = path
        guard FileSystem.kind(of: path) != nil else { return }
        let bytes: [UInt8]
        do { bytes = try FileSystem.read(path, limit: Limits.payload) } catch { throw .failed("\(error)") }
        try take(try ConfigFile.parse(bytes, of: path))
    }

    /// - Parameter path: where it would be written.
    init(_ json: JSON, path: String) throws(CommandError) {
        self.path = path
        try take(json)
    }

    private mutating func take(_ json: JSON) throws(CommandError) {
        do throws(CommandError) {
            guard let members = json.members else { throw .failed("not an object") }
            let stranger = members.first { !["current", "contexts"].contains($0.key) }
            if let stranger { throw .failed("unknown field \"\(stranger.key)\"") }
            let list = json["contexts"] ?? [:]
            guard let entries = list.members else { throw .failed("contexts must be an object") }
            for entry in entries { add(try Context(name: entry.key, entry.value)) }
            if let current = json.optional("current") {
                guard let name = current.string else { throw .failed("current must be a string") }
                self.current = name
            }
        } catch {
            throw .failed("\(path): \(error.text ?? "")")
        }
    }

    subscript(name: String) -> Context? { contexts.first { $0.name == name } }

    /// The context of this name; throws if there is none.
    func context(_ name: String) throws(CommandError) -> Context {
        if let context = self[name] { return context }
        let names = contexts.map(\.name).joined(separator: ", ")
        throw .failed("no such context: \(name) (\(names.isEmpty ? "\(path) has none" : "contexts: \(names)"))")
    }

    /// Adds a context, or replaces that of the same name.
    mutating func add(_ context: Context) {
        contexts.removeAll { $0.name == context.name }
        contexts.append(context)
        contexts.sort { $0.name < $1.name }
    }

    mutating func remove(_ name: String) {
        contexts.removeAll { $0.name == name }
        if current == name { current = nil }
    }

    var json: JSON {
        let entries = JSON.object(contexts.map { .init($0.name, $0.json) })
        return current.map { ["current": .string($0), "contexts": entries] } ?? ["contexts": entries]
    }

    func write() throws(CommandError) {
        // A link to the file stays one.
        let target = FileSystem.resolved(path) ?? path
        do {
            if let slash = target.lastIndex(of: "/") { try FileSystem.makeDirectories(String(target[..<slash])) }
            try FileSystem.replace(target, with: Array((JSONLayout.text(json) + "\n").utf8), isDurable: true)
        } catch {
            throw .failed("\(error)")
        }
    }
}
