public import CMosquittoPlugin
import HubRuntime
import Routing

/// The broker offers the versions of the plugin interface that it supports. This plugin implements version 5, that of
/// Mosquitto 2.
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
    for (event, callback) in instance.pointee.callbacks {
        let code = mosquitto_callback_register(plugin, Int32(event.rawValue), callback, nil, instance)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            broker.log(.error, "hub: the broker refuses to register a callback (error \(code))")
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
    for (event, callback) in instance.pointee.callbacks {
        mosquitto_callback_unregister(instance.pointee.plugin, Int32(event.rawValue), callback, nil)
    }
    instance.deinitialize(count: 1)
    instance.deallocate()
    broker.log(.notice, "hub: stopped")
    return MOSQ_ERR_SUCCESS.rawValue
}

/// What the hub calls; it has no state of its own.
private let broker = Mosquitto()

/// One loading of the plugin: the broker's handle of the plugin, and the hub that the callbacks call.
///
/// The broker makes all calls on its only thread, and none during another one.
private struct HubInstance {
    let plugin: OpaquePointer
    var hub: Hub
    private let guardsClientIDs: Bool

    /// - Parameter options: the `plugin_opt_…` lines of mosquitto.conf.
    init(_ plugin: OpaquePointer, _ options: UnsafeBufferPointer<mosquitto_opt>) {
        self.plugin = plugin
        func option(_ name: String) -> String? {
            options.first { $0.key.map { String(cString: $0) } == name }?.value.map { String(cString: $0) }
        }
        let rate = option("max_requests_per_second").map { max(0, Int($0) ?? 0) }
        hub = Hub(broker, accessList: option("acl_file"), requestRate: rate)
        if rate == 0 {
            broker.log(.error, "hub: plugin_opt_max_requests_per_second is not positive: requests refused")
        }
        guardsClientIDs = option("guard_client_ids") == "true"
    }

    /// BASIC_AUTH is registered only if `guard_client_ids` asks for it: with such a callback, Mosquitto admits only
    /// clients that a plugin or a `password_file` accepts.
    var callbacks: [EventCallback] { guardsClientIDs ? usualCallbacks + [admission] : usualCallbacks }

    static func of(_ userdata: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<HubInstance>? {
        userdata?.assumingMemoryBound(to: HubInstance.self)
    }
}

private typealias EventCallback = (mosquitto_plugin_event, MOSQ_FUNC_generic_callback)

/// The broker checks the password after this callback.
private let admission: EventCallback = (
    MOSQ_EVT_BASIC_AUTH,
    { _, event, userdata in
        let event = event?.assumingMemoryBound(to: mosquitto_evt_basic_auth.self).pointee
        guard let event, let client = event.client, let instance = HubInstance.of(userdata) else {
            return MOSQ_ERR_PLUGIN_DEFER.rawValue
        }
        let isAdmitted = instance.pointee.hub.admits(
            ConnectionKey(client), user: event.username.map { String(cString: $0) })
        return (isAdmitted ? MOSQ_ERR_PLUGIN_DEFER : MOSQ_ERR_AUTH).rawValue
    }
)

/// Mosquitto 2.0 reports nothing else about a connection: only its messages and its end.
private let usualCallbacks: [EventCallback] = [
    (
        MOSQ_EVT_MESSAGE,
        { _, event, userdata in
            guard let message = MosquittoMessage(event), let instance = HubInstance.of(userdata) else {
                return MOSQ_ERR_SUCCESS.rawValue
            }
            // Any other code would end the connection.
            return (instance.pointee.hub.received(message) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED).rawValue
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
