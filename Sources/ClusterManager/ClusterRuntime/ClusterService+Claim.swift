import Cluster
import ServiceSupport
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Makes sure that only one pm-cluster on a broker is active: exchanges claims, and starts or stops acting.
extension ClusterService {
    func heardStatus(_ message: Message) {
        let isOnline = message.payload.elementsEqual("online".utf8)
        if instances.isActing {
            // A delayed will of an earlier connection, or the will of a pm-cluster that yielded.
            if !isOnline { retained.publishStatus(isOnline: true) }
        } else {
            isTaken = isOnline
        }
    }

    func heardSerial(_ message: Message) {
        if message.isRetained { retainedMark = json(message).flatMap { StateMark($0) } }
        if instances.isActing { retained.heardSerial(message.payload) }
    }

    func heard(_ message: Message) {
        guard let json = json(message), let name = json["name"]?.string, name != claim.word.name else { return }
        perform(
            claim.handle(
                .heard(Claim.Word(name: name, actingSince: json["acting_since"]?.number)), at: WallClock.now))
    }

    func perform(_ actions: [Claim.Action]) {
        for action in actions {
            switch action {
            case .speak: speak()
            case .wait:
                Log.note("pm/cluster/status says online: waiting for an objection of another pm-cluster")
                claimTimer = loop.after(.seconds(Limits.claimPatience)) { [unowned self] in
                    perform(claim.handle(.patienceOver, at: WallClock.now))
                }
            case .act: act()
            case .yield(let other):
                refusal = "another pm-cluster (\(other)) is active on this broker: this one exits"
                instances.isActing = false
                // The other pm-cluster has received and executes them.
                _ = held.take()
                leave(sayingOffline: false)
            }
        }
    }

    private func speak() {
        var members: [JSON.Member] = [.init("name", .string(claim.word.name))]
        if let since = claim.word.actingSince { members.append(.init("acting_since", .number(since))) }
        session.publish(
            Message(topic: Topic.clusterClaim, payload: JSON.object(members).printed(), qos: 1), whenOffline: .drop)
    }

    private func act() {
        instances.isActing = true
        if hasRecovered {
            instances.goOn(retainedMark)
        } else {
            hasRecovered = true
            instances.recover(retainedMark) { [endpoints] in endpoints[$0]?.resume($1.message) ?? { _ in } }
        }
        clearLeftStates()
        retained.publishAll()
        for request in held.take() { endpoints[request.kind]?.handle(request.message) }
    }

    func heardRequest(_ kind: InstanceKind, _ message: Message) {
        guard retainedRequests.isRequest(message) else { return }
        switch claim.state {
        case .acting: endpoints[kind]?.handle(message)
        case .waiting:
            // Before this pm-cluster was ever active, another one may be, and answers.
            guard !held.hold(message, kind), hasRecovered else { return }
            endpoints[kind]?.refuse(message, Failure(.noCapacity, "too many requests wait: pm-cluster is not active"))
        case .yielded: break
        }
    }
}
