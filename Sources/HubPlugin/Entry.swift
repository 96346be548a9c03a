public import CMosquittoPlugin

/// The broker offers its versions of the plugin interface; ours is 5, that of Mosquitto 2.
@c(mosquitto_plugin_version) @implementation
public func mosquitto_plugin_version(_ count: Int32, _ versions: UnsafePointer<Int32>?) -> Int32 {
    UnsafeBufferPointer(start: versions, count: Int(max(0, count))).contains(5) ? 5 : -1
}

@c(mosquitto_plugin_init) @implementation
public func mosquitto_plugin_init(
    _ plugin: OpaquePointer?, _ userdata: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ options: UnsafeMutablePointer<mosquitto_opt>?, _ optionCount: Int32
) -> Int32 {
    guard let plugin, let userdata else { return MOSQ_ERR_INVAL.rawValue }
    let instance = HubInstance(plugin)
    let code = instance.register()
    guard code == MOSQ_ERR_SUCCESS.rawValue else {
        instance.unregister()
        Log.write(.error, "hub: the broker takes no callbacks of a plugin here (error \(code))")
        return code
    }
    userdata.pointee = Unmanaged.passRetained(instance).toOpaque()
    instance.hub.start()
    return MOSQ_ERR_SUCCESS.rawValue
}

@c(mosquitto_plugin_cleanup) @implementation
public func mosquitto_plugin_cleanup(
    _ userdata: UnsafeMutableRawPointer?, _ options: UnsafeMutablePointer<mosquitto_opt>?, _ optionCount: Int32
) -> Int32 {
    guard let userdata else { return MOSQ_ERR_SUCCESS.rawValue }
    let instance = Unmanaged<HubInstance>.fromOpaque(userdata).takeRetainedValue()
    instance.unregister()
    Log.write(.notice, "hub: stopped")
    return MOSQ_ERR_SUCCESS.rawValue
}

/// One loading of the plugin: the broker's handle of it, and the hub that its callbacks serve.
///
/// The broker calls everything from its one thread.
final class HubInstance {
    let hub = Hub()
    private let plugin: OpaquePointer

    init(_ plugin: OpaquePointer) { self.plugin = plugin }

    /// All that can be known of a connection in Mosquitto 2.0: what it publishes, and its end.
    private static let callbacks: [(event: mosquitto_plugin_event, function: MOSQ_FUNC_generic_callback)] = [
        (
            MOSQ_EVT_MESSAGE,
            { _, event, userdata in
                if let hub = HubInstance.hub(userdata), let message = IncomingMessage(event) { hub.received(message) }
                return MOSQ_ERR_SUCCESS.rawValue
            }
        ),
        (
            MOSQ_EVT_DISCONNECT,
            { _, event, userdata in
                let event = event?.assumingMemoryBound(to: mosquitto_evt_disconnect.self)
                if let client = event?.pointee.client { HubInstance.hub(userdata)?.disconnected(.init(client)) }
                return MOSQ_ERR_SUCCESS.rawValue
            }
        ),
        (
            MOSQ_EVT_TICK,
            { _, _, userdata in
                HubInstance.hub(userdata)?.publishHostsIfDue()
                return MOSQ_ERR_SUCCESS.rawValue
            }
        ),
    ]

    private static func hub(_ userdata: UnsafeMutableRawPointer?) -> Hub? {
        userdata.map { Unmanaged<HubInstance>.fromOpaque($0).takeUnretainedValue().hub }
    }

    /// - Returns: a `MOSQ_ERR_` code.
    func register() -> Int32 {
        let userdata = Unmanaged.passUnretained(self).toOpaque()
        for callback in Self.callbacks {
            let code = mosquitto_callback_register(
                plugin, Int32(callback.event.rawValue), callback.function, nil, userdata)
            guard code == MOSQ_ERR_SUCCESS.rawValue else { return code }
        }
        return MOSQ_ERR_SUCCESS.rawValue
    }

    func unregister() {
        for callback in Self.callbacks {
            mosquitto_callback_unregister(plugin, Int32(callback.event.rawValue), callback.function, nil)
        }
    }
}
