public import CMosquittoPlugin
import HubRuntime
import Model
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
    let given = HubOptions(UnsafeBufferPointer(start: options, count: Int(max(0, optionCount))))
    guard let instance = HubInstance.load(given) else {
        broker.log(.error, "hub: all plugin lines of the hub must have the same plugin_opt lines: there is one hub")
        return MOSQ_ERR_INVAL.rawValue
    }
    let loading = UnsafeMutablePointer<Loading>.allocate(capacity: 1)
    loading.initialize(to: Loading(plugin: plugin, instance: instance))
    userdata.pointee = UnsafeMutableRawPointer(loading)
    for (event, callback) in instance.pointee.callbacks {
        let code = mosquitto_callback_register(plugin, Int32(event.rawValue), callback, nil, instance)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            let reason =
                code == MOSQ_ERR_ALREADY_EXISTS.rawValue
                ? "the plugin is loaded twice for one listener: remove one of its plugin lines"
                : "the broker refuses to register a callback (error \(code))"
            broker.log(.error, "hub: \(reason)")
            return code
        }
    }
    if instance.pointee.loadings == 1 { instance.pointee.hub.start() }
    return MOSQ_ERR_SUCCESS.rawValue
}

@c(mosquitto_plugin_cleanup) @implementation
public func mosquitto_plugin_cleanup(
    _ userdata: UnsafeMutableRawPointer?, _ options: UnsafeMutablePointer<mosquitto_opt>?, _ optionCount: Int32
) -> Int32 {
    guard let loading = userdata?.assumingMemoryBound(to: Loading.self) else { return MOSQ_ERR_SUCCESS.rawValue }
    let instance = loading.pointee.instance
    for (event, callback) in instance.pointee.callbacks {
        mosquitto_callback_unregister(loading.pointee.plugin, Int32(event.rawValue), callback, nil)
    }
    loading.deinitialize(count: 1)
    loading.deallocate()
    if HubInstance.unload() { broker.log(.info, "hub: stopped") }
    return MOSQ_ERR_SUCCESS.rawValue
}

/// One loading of the plugin: with `per_listener_settings`, each listener has its own.
private struct Loading {
    let plugin: OpaquePointer
    let instance: UnsafeMutablePointer<HubInstance>
}

/// What the hub calls; it has no state of its own.
private let broker = Mosquitto()

/// The `plugin_opt_…` lines of mosquitto.conf.
private struct HubOptions: Equatable {
    let accessList: String?
    let requestRate: Int?
    let hosts: String?
    let isOpen: Bool
    /// BASIC_AUTH is registered only if this asks for it: with such a callback, Mosquitto admits only clients that a
    /// plugin or a `password_file` accepts.
    let guardsClientIDs: Bool

    init(_ options: UnsafeBufferPointer<mosquitto_opt>) {
        func option(_ name: String) -> String? {
            options.first { $0.key.map { String(cString: $0) } == name }?.value.map { String(cString: $0) }
        }
        accessList = option("acl_file")
        requestRate = option("max_requests_per_second").map { max(0, Int($0) ?? 0) }
        hosts = option("hosts_file")
        isOpen = option("open") == "true"
        guardsClientIDs = option("guard_client_ids") == "true"
    }
}

/// The hub of this broker, which the callbacks of all loadings call: two hubs would each know half of the hosts.
///
/// The broker makes all calls on its only thread, and none during another one.
private struct HubInstance {
    var hub: Hub
    private(set) var loadings = 1
    private let options: HubOptions

    private nonisolated(unsafe) static var present: UnsafeMutablePointer<HubInstance>?

    /// The hub, which is made at the first loading; nil if it has other options.
    static func load(_ options: HubOptions) -> UnsafeMutablePointer<HubInstance>? {
        if let present {
            guard present.pointee.options == options else { return nil }
            present.pointee.loadings += 1
            return present
        }
        let fresh = UnsafeMutablePointer<HubInstance>.allocate(capacity: 1)
        fresh.initialize(to: HubInstance(options))
        present = fresh
        return fresh
    }

    /// - Returns: whether that was the last loading.
    static func unload() -> Bool {
        guard let instance = present else { return false }
        instance.pointee.loadings -= 1
        guard instance.pointee.loadings == 0 else { return false }
        instance.pointee.hub.end()
        present = nil
        instance.deinitialize(count: 1)
        instance.deallocate()
        return true
    }

    private init(_ options: HubOptions) {
        self.options = options
        hub = Hub(
            broker, accessList: options.accessList, isOpen: options.isOpen, requestRate: options.requestRate,
            hosts: options.hosts)
        if options.requestRate == 0 {
            broker.log(.error, "hub: plugin_opt_max_requests_per_second is not positive: requests refused")
        }
    }

    var callbacks: [EventCallback] { options.guardsClientIDs ? usualCallbacks + [admission] : usualCallbacks }

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
