import ArgumentParser
import JSONCodec

/// Options for `log` of a config.
struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The size of a log file, such as 10M.", valueName: "bytes")) var logSize: String?
    @Option(help: ArgumentHelp("Log files of each stream.", valueName: "n")) var logFiles: Int?

    func applied(to config: JSON) -> JSON {
        let members = [
            logSize.map { JSON.Member("max_size", Double($0).map { .number($0) } ?? .string($0)) },
            logFiles.map { .init("files", .number($0)) },
        ].compactMap(\.self)
        return members.isEmpty ? config : config.setting(members, in: "log")
    }
}
