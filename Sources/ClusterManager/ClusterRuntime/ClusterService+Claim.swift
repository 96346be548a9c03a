import Cluster
import ServiceSupport
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Being the only one that acts.
extension ClusterService {
    func heardStatus(_ message: Message) {
        let isOnline = message.payload.elementsEqual("online".utf8)
        if instances.isActing {
            // A will that came late, or that of one who had to give way.
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
                Log.note("a pm-cluster has said that it is online: asking whether it still is")
                claimTimer = loop.after(.seconds(Limits.claimPatience)) { [unowned self] in
                    perform(claim.handle(.patienceOver, at: WallClock.now))
                }
            case .act: act()
            case .yield(let other):
                refusal = "another pm-cluster (\(other)) is at work on this broker: this one ends"
                instances.isActing = false
                // They are carried out by the other one.
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
            instances.recover(retainedMark) { [controls] in controls[$0]?.resume($1) ?? { _ in } }
        }
        clearLeftStates()
        retained.publishAll()
        for request in held.take() { controls[request.kind]?.handle(request.message) }
    }

    func heardRequest(_ kind: InstanceKind, _ message: Message) {
        guard retainedRequests.isRequest(message) else { return }
        switch claim.state {
        case .acting: controls[kind]?.handle(message)
        case .waiting:
            // Before it has acted at all, another one may be at work, and answer.
            guard !held.hold(message, kind), hasRecovered else { return }
            controls[kind]?.refuse(message, Failure(.noCapacity, "too many requests wait for pm-cluster to begin"))
        case .yielded: break
        }
    }
}
