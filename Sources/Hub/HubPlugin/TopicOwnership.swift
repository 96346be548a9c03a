import Glibc

/// Whether the plugin or the broker frees the old topic when a plugin replaces the topic of a MESSAGE event.
///
/// Mosquitto 2.0.11 to 2.0.14 lose the old topic, so the plugin has to free it; 2.0.15 and later free it (upstream's
/// src/plugin.c). The broker does not report its version, but its exported symbols distinguish the two.
enum TopicOwnership {
    case plugin, broker

    /// The plugin frees only if the broker exports internal functions but none of those that came with 2.0.15. If
    /// internal functions are hidden, the version is unknown: losing a few bytes per routed request is better than a
    /// double free.
    static func detect() -> TopicOwnership {
        let showsInnerFunctions = isExported("db__message_store")
        let isRecent = isExported("db__expire_all_messages") || isExported("mosquitto_client_port")
        return showsInnerFunctions && !isRecent ? .plugin : .broker
    }

    private static func isExported(_ symbol: String) -> Bool {
        // RTLD_DEFAULT is a null pointer, which Swift does not import. It searches the broker and its libraries.
        dlsym(nil, symbol) != nil
    }
}
