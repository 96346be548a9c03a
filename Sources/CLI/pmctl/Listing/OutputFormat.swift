import ArgumentParser

/// How a list is printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    /// More columns, nothing cut.
    case wide
    case json
    /// A name a line, for scripts.
    case name
}
