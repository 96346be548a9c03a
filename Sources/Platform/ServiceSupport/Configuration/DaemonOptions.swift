/// A daemon's command line. ArgumentParser would add Foundation, and so ten megabytes, to the daemon.
package struct DaemonOptions {
    package enum Action { case run, checkConfiguration, version, help }

    package private(set) var action = Action.run
    /// The configuration file.
    package private(set) var file: String?
    /// By the name of the setting in the configuration file.
    package private(set) var settings: [String: String] = [:]
    /// The given flags without a value that only this daemon has.
    package private(set) var words: Set<String> = []

    /// - Parameters:
    ///   - flags: the names of settings, by flag.
    ///   - words: flags without a value.
    package init(
        _ arguments: some Sequence<String>, flags: [String: String], words: Set<String> = []
    ) throws(ConfigurationError) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--check-config": action = .checkConfiguration
            case _ where words.contains(argument): self.words.insert(argument)
            default:
                // Both `--flag value` and `--flag=value`.
                let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let flag = String(parts[0])
                guard flag == "--config" || flags[flag] != nil else {
                    throw ConfigurationError("unknown option \(argument)")
                }
                guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                    throw ConfigurationError("\(flag) needs a value")
                }
                let isRepeated = flags[flag].map { settings[$0] != nil } ?? (file != nil)
                guard !isRepeated else { throw ConfigurationError("\(flag) is given twice") }
                if let setting = flags[flag] { settings[setting] = value } else { file = value }
            }
        }
    }
}
