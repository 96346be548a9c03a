import JSONCodec
import Model

extension ProcessSpec {
    /// `{"path":"/full/path","args":["a"]}` of the BlueZero dialect's `start_process`.
    init(blueZero body: JSON) throws(Failure) {
        guard let path = body["path"] else { throw Failure(.missingArgument, "missing path") }
        guard let path = path.string else { throw Failure(.invalidArgument, "path must be a string") }
        guard path.hasPrefix("/") else { throw Failure(.invalidArgument, "path must be absolute") }
        let arguments = try body["args"].map { json throws(Failure) in try Self.strings(json, named: "args") } ?? []
        self.init(invocation: .program(path: path, arguments: arguments))
    }

    /// `args.config` of the method dialect's `start_process`.
    init(config: JSON) throws(Failure) {
        guard config.members != nil else { throw Failure(.invalidArgument, "config must be an object") }
        let path = try Self.path(config["path"])
        let words = try Self.words(config["command"])
        guard path != nil || !words.isEmpty else { throw Failure(.missingArgument, "missing config.command") }
        self.init(
            name: try Self.name(config["name"]), invocation: .command(words: words, path: path),
            environment: try Self.environment(config["env"]))
    }

    private static func name(_ json: JSON?) throws(Failure) -> Name? {
        guard let json else { return nil }
        guard let text = json.string, let name = Name(text) else {
            throw Failure(
                .invalidArgument,
                "config.name must be 1 to \(Limits.nameLength) of A-Z a-z 0-9 . _ -, a letter or digit first")
        }
        return name
    }

    private static func path(_ json: JSON?) throws(Failure) -> String? {
        guard let json else { return nil }
        guard let path = json.string else { throw Failure(.invalidArgument, "config.path must be a string") }
        guard path.hasPrefix("/") else { throw Failure(.invalidArgument, "path must be absolute") }
        return path
    }

    private static func words(_ json: JSON?) throws(Failure) -> [String] {
        switch json {
        case nil: []
        case .string(let line): try ShellWords.split(line)
        case let json?: try strings(json, named: "config.command")
        }
    }

    private static func environment(_ json: JSON?) throws(Failure) -> [EnvironmentVariable] {
        guard let json else { return [] }
        guard let members = json.members else { throw Failure(.invalidArgument, "config.env must be an object") }
        var variables: [EnvironmentVariable] = []
        for member in members {
            guard !member.key.isEmpty, !member.key.utf8.contains(UInt8(ascii: "=")) else {
                throw Failure(.invalidArgument, "config.env holds a name that is empty or contains =")
            }
            guard let value = member.value.string else {
                throw Failure(.invalidArgument, "config.env.\(member.key) must be a string")
            }
            variables.append(EnvironmentVariable(name: member.key, value: value))
        }
        return variables
    }

    private static func strings(_ json: JSON, named name: String) throws(Failure) -> [String] {
        guard let elements = json.array else { throw Failure(.invalidArgument, "\(name) must be an array of strings") }
        var strings: [String] = []
        for element in elements {
            guard let string = element.string else {
                throw Failure(.invalidArgument, "\(name) must be an array of strings")
            }
            strings.append(string)
        }
        return strings
    }
}
