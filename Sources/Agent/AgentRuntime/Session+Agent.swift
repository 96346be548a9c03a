import var Glibc.ENOMEM
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Session {
    /// The session of an agent.
    ///
    /// - Parameter isVM: the runner accepts connections at once, so connecting can't block.
    static func ofAgent(
        _ configuration: AgentConfiguration, on loop: EventLoop, isVM: Bool
    ) throws(SystemError) -> Session {
        let host = configuration.host
        let will = RetainedState.status(of: host, isOnline: false)
        let id = ClientID.agent(of: host)
        guard
            let session = Session(
                configuration.broker, clientID: id, will: will, packetLimit: Limits.requestPacket, on: loop)
        else {
            throw SystemError("make an MQTT client", errno: ENOMEM)
        }
        session.keepAliveInterval = configuration.keepAlive
        session.connectsAtOnce = isVM || configuration.broker.isUnixSocket
        return session
    }

    /// Subscribes to the topics of a host that its agent reads, except its own health (``OwnHealth``); after each connect.
    func subscribeAsAgent(of host: HostName) {
        subscribe(Topic.control(host).description, noLocal: true)
        subscribe(Topic.watch(host).description, noLocal: true)
        // Without noLocal: a late will of the previous session has the same client id.
        subscribe(Topic.status(host).description)
        subscribe(Topic.everyProcess(of: host), noLocal: true)
    }

    func unsubscribeRequests(of host: HostName) {
        unsubscribe(Topic.control(host).description)
        unsubscribe(Topic.watch(host).description)
    }
}
