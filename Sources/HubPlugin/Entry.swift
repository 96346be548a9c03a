public import CMosquittoPlugin
import Glibc
import Routing

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
    let instance = UnsafeMutablePointer<HubInstance>.allocate(capacity: 1)
    let given = UnsafeBufferPointer(start: options, count: Int(max(0, optionCount)))
    instance.initialize(to: HubInstance(plugin, given))
    userdata.pointee = UnsafeMutableRawPointer(instance)
    for (event, callback) in callbacks {
        let code = mosquitto_callback_register(plugin, Int32(event.rawValue), callback, nil, instance)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            Log.write(.error, "hub: the broker takes no callbacks here (error \(code))")
            return code
        }
    }
    instance.pointee.hub.start()
    return MOSQ_ERR_SUCCESS.rawValue
}

@c(mosquitto_plugin_cleanup) @implementation
public func mosquitto_plugin_cleanup(
    _ userdata: UnsafeMutableRawPointer?, _ options: UnsafeMutablePointer<mosquitto_opt>?, _ optionCount: Int32
) -> Int32 {
    guard let instance = HubInstance.of(userdata) else { return MOSQ_ERR_SUCCESS.rawValue }
    for (event, callback) in callbacks {
        mosquitto_callback_unregister(instance.pointee.plugin, Int32(event.rawValue), callback, nil)
    }
    instance.deinitialize(count: 1)
    instance.deallocate()
    Log.write(.notice, "hub: stopped")
    return MOSQ_ERR_SUCCESS.rawValue
}

/// One loading of the plugin: the broker's handle of it, and the hub that its callbacks serve.
///
/// The broker calls everything from its one thread, and never from within a call.
private struct HubInstance {
    let plugin: OpaquePointer
    var hub: Hub

    /// - Parameter options: the `plugin_opt_…` lines of mosquitto.conf.
    init(_ plugin: OpaquePointer, _ options: UnsafeBufferPointer<mosquitto_opt>) {
        self.plugin = plugin
        let accessList = options.first { $0.key.map { strcmp($0, "acl_file") == 0 } ?? false }
        hub = Hub(accessList: accessList?.value.map { String(cString: $0) })
    }

    static func of(_ userdata: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<HubInstance>? {
        userdata?.assumingMemoryBound(to: HubInstance.self)
    }
}

/// All that can be known of a connection in Mosquitto 2.0: what it publishes, and its end.
private let callbacks: [(mosquitto_plugin_event, MOSQ_FUNC_generic_callback)] = [
    (
        MOSQ_EVT_MESSAGE,
        { _, event, userdata in
            if let message = IncomingMessage(event) { HubInstance.of(userdata)?.pointee.hub.received(message) }
            return MOSQ_ERR_SUCCESS.rawValue
        }
    ),
    (
        MOSQ_EVT_DISCONNECT,
        { _, event, userdata in
            let event = event?.assumingMemoryBound(to: mosquitto_evt_disconnect.self)
            if let client = event?.pointee.client {
                HubInstance.of(userdata)?.pointee.hub.disconnected(ConnectionKey(client))
            }
            return MOSQ_ERR_SUCCESS.rawValue
        }
    ),
    (
        MOSQ_EVT_RELOAD,
        { _, _, userdata in
            HubInstance.of(userdata)?.pointee.hub.reloaded()
            return MOSQ_ERR_SUCCESS.rawValue
        }
    ),
    (
        MOSQ_EVT_TICK,
        { _, _, userdata in
            HubInstance.of(userdata)?.pointee.hub.ticked()
            return MOSQ_ERR_SUCCESS.rawValue
        }
    ),
]
