import ArgumentParser
import JSONCodec
import LinuxSystem
import MQTTTransport

struct ContextList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the contexts; a star marks the current one.",
        discussion: "Example: pmctl context ls")

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let file = try ContextFile()
        if options.json { return try Output.write(file.json) }
        let rows = file.contexts.map { context in
            [
                Cell(context.name == file.current ? "*" : ""), Cell(context.name),
                Cell(context.values["broker"] ?? "-"), Cell(context.values["user"] ?? "-"),
            ]
        }
        let columns: [Table.Column] = [
            .init(""), .init("CONTEXT", isElastic: true), .init("BROKER", isElastic: true),
            .init("USER", isElastic: true),
        ]
        try Output.write(Table(columns: columns, rows: rows).lines(for: .standardOutput))
        let variable = ["PM_BROKER", "PM_CONTEXT"].first { !(Environment.value($0) ?? "").isEmpty }
        if let variable, file.current != nil { Output.complain("pmctl: \(variable) is set: it comes before the star") }
    }
}

struct ContextUse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Makes a context the current one.", discussion: "Example: pmctl context use home")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The context.", completion: .contexts) var name: String

    func run() throws {
        var file = try ContextFile()
        file.current = try file.context(name).name
        try file.write()
        if options.json { return try Output.write(["current": .string(name)]) }
        try Output.write([Printable.line("the current context is \(name)")])
    }
}

struct ContextAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a context with the broker and the credentials that the options give.",
        discussion: """
            Example: pmctl context add home --broker mqtts://broker.lan --broker-user me --password-file ~/.pm-password

            The first context becomes the current one. A password must be in a file of its own.
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Make it the current context.") var use = false
    @Flag(help: "Replace a context of this name.") var replace = false
    @Argument(help: "Its name.") var name: String

    func validate() throws {
        if options.broker == nil { throw ValidationError("Missing expected argument '--broker <url>'") }
        if name.isEmpty || name != Printable.line(name) || name.contains("/") || name.contains(" ") {
            throw ValidationError("a context's name is one word without slashes")
        }
    }

    func run() throws {
        var file = try ContextFile()
        guard replace || file[name] == nil else {
            throw CommandError.failed("context \(name) exists; --replace replaces it")
        }
        var values = options.flags
        // Later calls have other working directories.
        for (key, path) in values where BrokerAddress.files.contains(key) { values[key] = FileSystem.absolute(path) }
        file.add(Context(name: name, values: values))
        if use || file.contexts.count == 1 { file.current = name }
        try file.write()
        let isCurrent = file.current == name
        if options.json { return try Output.write(["context": .string(name), "current": .bool(isCurrent)]) }
        try Output.write(["added context \(name)\(isCurrent ? ", which is the current one" : "") in \(file.path)"])
    }
}

struct ContextRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Removes a context.", discussion: "Example: pmctl context rm home")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The context.", completion: .contexts) var name: String

    func run() throws {
        var file = try ContextFile()
        file.remove(try file.context(name).name)
        try file.write()
        if options.json { return try Output.write(["removed": .string(name)]) }
        try Output.write([Printable.line("removed context \(name)")])
    }
}
