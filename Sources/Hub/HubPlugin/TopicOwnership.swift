import Glibc

/// Who frees the topic that a plugin takes out of a MESSAGE event.
///
/// Mosquitto 2.0.11 to 2.0.14 forget the old topic, so the plugin has to free it; 2.0.15 and later free it themselves
/// (upstream's src/plugin.c). The broker tells a plugin no version, but what it exports tells the two apart.
enum TopicOwnership {
    case plugin, broker

    /// The plugin frees only where the broker shows its inner functions and lacks one that came with 2.0.15. Where it
    /// hides them nothing is known, and a few bytes lost with a routed request beat freeing them twice.
    static func detect() -> TopicOwnership {
        let showsInnerFunctions = isExported("db__message_store")
        let isRecent = isExported("db__expire_all_messages") || isExported("mosquitto_client_port")
        return showsInnerFunctions && !isRecent ? .plugin : .broker
    }

    private static func isExported(_ symbol: String) -> Bool {
        // RTLD_DEFAULT, a null pointer, which Swift does not import: the broker and what it is linked with.
        dlsym(nil, symbol) != nil
    }
}
