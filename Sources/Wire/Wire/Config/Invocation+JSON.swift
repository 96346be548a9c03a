import JSONCodec
import Model

extension ProcessSpec.Invocation {
    /// Decodes what a config executes; which members it may have depends on its driver.
    init(_ fields: Field, driver: String) throws(Failure) {
        switch driver {
        case ProcessSpec.nodeDriver:
            try Self.refuseProgram(in: fields, driver)
            self = .node(try InnerAgent(in: fields))
        case ProcessSpec.vmDriver:
            try Self.refuseProgram(in: fields, driver)
            self = .vm(try VMSpec(in: fields))
        default: self = try Self.command(fields)
        }
    }

    private static func command(_ fields: Field) throws(Failure) -> Self {
        if fields["args"] != nil {
            guard fields["command"] == nil else {
                throw Failure(.invalidArgument, "\(fields.name) must have command or args, not both")
            }
            return try program(fields)
        }
        let path = try fields["path"].map(absolutePath)
        let words = try fields["command"]?.words() ?? []
        guard path != nil || !words.isEmpty else {
            throw Failure(.missingArgument, "missing \(fields.name(of: "command"))")
        }
        return .command(words: words, path: path)
    }

    static func program(_ fields: Field) throws(Failure) -> Self {
        guard let path = fields["path"] else { throw Failure(.missingArgument, "missing \(fields.name(of: "path"))") }
        return .program(path: try absolutePath(path), arguments: try fields["args"]?.strings() ?? [])
    }

    private static func absolutePath(_ field: Field) throws(Failure) -> String {
        let path = try field.string()
        guard path.utf8.first == UInt8(ascii: "/") else { throw Failure(.invalidArgument, "path must be absolute") }
        return path
    }

    /// For nodes and VMs, the driver chooses the program and its user.
    private static func refuseProgram(in fields: Field, _ driver: String) throws(Failure) {
        let reserved = ["command", "path", "args", "env", "user", "group", "stdin", "schedule", "ready"]
        if let key = reserved.first(where: { fields[$0] != nil }) {
            throw Failure(.invalidArgument, "\(fields.name(of: key)) is not allowed with the driver \(driver)")
        }
        guard let name = fields["name"] else { throw Failure(.missingArgument, "missing \(fields.name(of: "name"))") }
        guard HostName(try name.processID().description) != nil else {
            throw name.invalid("a name that is not reserved: it becomes a host's name")
        }
    }

    func write(to members: inout Members) {
        switch self {
        case .program(let path, let arguments):
            members.add("path", .string(path))
            // Written even if empty, because it distinguishes a program from a command.
            members.add("args", .array(arguments.map { .string($0) }))
        case .command(let words, let path):
            members.add("path", path.map { .string($0) })
            if !words.isEmpty { members.add("command", .array(words.map { .string($0) })) }
        case .node(let agent): agent.write(to: &members)
        case .vm(let vm): vm.write(to: &members)
        }
    }
}
