import ArgumentParser
import JSONCodec

/// How the commands that list something print it.
struct ListingOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("table, wide (more columns, nothing cut), json or name (for scripts).", valueName: "format"),
        completion: .list(OutputFormat.allCases.map(\.rawValue)))
    var output: OutputFormat?
    @Option(
        help: ArgumentHelp("Sort by a column, such as name or uptime; numbers come largest first.", valueName: "column")
    )
    var sort: String?
    @Flag(help: "Reverse the order.") var reverse = false
    @Flag(help: "Cut nothing to the width of the terminal.") var noTrunc = false

    func format(_ options: GlobalOptions) -> OutputFormat { output ?? (options.json ? .json : .table) }

    /// Sorts rows as asked, or leaves them as they are.
    func sorted<Row>(_ rows: [Row], by keys: [SortKey<Row>]) throws -> [Row] {
        guard let sort else { return reverse ? rows.reversed() : rows }
        guard let key = keys.first(where: { $0.name == sort }) else {
            throw ValidationError("--sort must be one of \(keys.map(\.name).joined(separator: ", "))")
        }
        return key.sorted(rows, isReversed: reverse)
    }

    func print<Row>(
        _ rows: [Row], as options: GlobalOptions, table: ([Row], _ isWide: Bool) -> Table, json: (Row) -> JSON,
        name: (Row) -> String
    ) throws(CommandError) {
        switch format(options) {
        case .json: try Output.write(.array(rows.map(json)))
        case .name: if !rows.isEmpty { try Output.write(rows.map(name)) }
        case .table: try Output.write(table(rows, false).lines(for: noTrunc ? .uncut : .standardOutput))
        case .wide: try Output.write(table(rows, true).lines(for: .uncut))
        }
    }
}
