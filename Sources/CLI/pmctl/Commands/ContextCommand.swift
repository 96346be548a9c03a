import ArgumentParser

struct ContextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context", abstract: "Manages contexts: brokers with the credentials for them.",
        discussion: """
            Example: pmctl context add home --broker mqtts://broker.lan --broker-user me --password-file ~/.pm-password
            Example: pmctl --context home hosts

            They are in pmqtt/config.json in XDG_CONFIG_HOME (~/.config). The current context is used unless --broker, \
            PM_BROKER, --context or PM_CONTEXT says otherwise; other flags and variables replace its single fields. A \
            context that --context names comes before variables.
            """,
        subcommands: [ContextList.self, ContextUse.self, ContextAdd.self, ContextRemove.self])
}
