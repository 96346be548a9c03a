import MQTTTransport

/// Where the broker's address and the credentials come from: command line, environment and context.
///
/// The first source that has a value wins: flags, then the context of `--context`, then variables, then the context of
/// `PM_CONTEXT` or the current one. A broker of a flag or of a variable replaces a context that `--context` does not
/// name as a whole: no other broker gets its credentials.
struct BrokerSources {
    /// By the names of ``Context/keys``, and `password`.
    typealias Values = [String: String]

    let flags: Values
    let variables: Values
    let context: Context?
    /// Whether `--context` names the context.
    let isContextNamed: Bool

    static let fallback = "mqtt://127.0.0.1:1883"

    /// - Parameters:
    ///   - name: the value of `--context`.
    ///   - variable: that of `PM_CONTEXT`.
    ///   - file: reads the contexts, if they are needed.
    init(
        flags: Values, variables: Values, name: String?, variable: String?,
        file: () throws(CommandError) -> ContextFile?
    ) throws(CommandError) {
        self.flags = flags
        self.variables = variables
        isContextNamed = name != nil
        if let name {
            context = try file()?.context(name)
        } else if flags["broker"] != nil || variables["broker"] != nil {
            context = nil
        } else if let variable {
            context = try file()?.context(variable)
        } else if let file = try file(), let current = file.current {
            context = try file.context(current)
        } else {
            context = nil
        }
    }

    private var sources: [Values] {
        let values = context?.values ?? [:]
        return isContextNamed ? [flags, values, variables] : [flags, variables, values]
    }

    var url: String { sources.lazy.compactMap { $0["broker"] }.first ?? Self.fallback }

    /// What to call the URL in an error.
    var urlName: String {
        if flags["broker"] != nil { return "--broker" }
        return context.map { "the broker of context \($0.name)" } ?? "PM_BROKER"
    }

    /// What says which broker is used, for people.
    var origin: String {
        if flags["broker"] != nil { return "--broker" }
        if let context, isContextNamed || variables["broker"] == nil { return "context \(context.name)" }
        return variables["broker"] == nil ? "the default" : "PM_BROKER"
    }

    /// Values of ``BrokerAddress/settings``.
    var settings: Values {
        var settings: Values = [:]
        for name in BrokerAddress.settings { settings[name] = sources.lazy.compactMap { $0[name] }.first }
        // A password of a later source is not that of the user that an earlier one names.
        let first = sources.first { $0["password"] != nil || $0["password_file"] != nil }
        (settings["password"], settings["password_file"]) = (first?["password"], first?["password_file"])
        return settings
    }
}
