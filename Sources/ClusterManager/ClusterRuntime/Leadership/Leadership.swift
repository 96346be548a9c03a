import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire
import ServiceSupport

/// Makes sure that only one pm-cluster on a broker is active: exchanges claims, and says which requests are executed.
///
/// ``ClusterService`` passes in what the broker sends. After each connect, it calls ``connected()``, and ``ready()`` when
/// all retained messages have been read; only then does the ``Claim`` decide. `began` or `yielded` follow, perhaps later.
/// All others only read ``isActing``.
final class Leadership {
    /// What is to be done with a request now.
    enum Treatment {
        case execute
        /// It was put aside, and ``takeHeld()`` returns it once this pm-cluster is active.
        case wait
        case refuse
        /// Another pm-cluster answers it, or may do so.
        case ignore
    }

    private let publisher: any Publisher
    private let loop: EventLoop
    private var claim: Claim
    private var timer: TimerID?
    /// Whether `pm/cluster/status` says `online`, so that another pm-cluster may be active.
    private var isTaken = false
    private var isLeaving = false
    private var held = HeldRequests()
    /// Whether this pm-cluster has been active, perhaps before an outage of the broker.
    private var hasActed = false

    /// Called when this pm-cluster has become active; each time but the first, that was after an outage.
    var began: (_ isFirst: Bool) -> Void = { _ in }
    /// Called when another pm-cluster has turned out to be active. This one must not become active any more.
    var yielded: (_ other: String) -> Void = { _ in }

    init(_ publisher: any Publisher, on loop: EventLoop) {
        self.publisher = publisher
        self.loop = loop
        // Visible on the bus, so it is independent of the client id.
        claim = Claim(name: RandomText.make())
    }

    /// Whether this pm-cluster is the active one.
    var isActing: Bool { claim.state == .acting && !isLeaving }

    func connected() { isTaken = false }

    /// All retained messages have been read.
    func ready() { handle(.ready(isTaken: isTaken)) }

    func disconnected() {
        loop.cancel(timer)
        handle(.disconnected)
    }

    /// Ends being active, because pm-cluster ends.
    func leave() { isLeaving = true }

    /// Takes a message from the status topic while this pm-cluster is not active.
    func heardStatus(isOnline: Bool) { isTaken = isOnline }

    /// Takes a claim, perhaps this pm-cluster's own.
    func heardClaim(_ json: JSON) {
        guard let name = json["name"]?.string, name != claim.word.name else { return }
        handle(.heard(Claim.Word(name: name, actingSince: json["acting_since"]?.number)))
    }

    func treatment(of message: Message, _ kind: InstanceKind) -> Treatment {
        switch claim.state {
        case .acting: return .execute
        case .waiting:
            if held.hold(message, kind) { return .wait }
            // Before this pm-cluster was ever active, another one may be, and answers.
            return hasActed ? .refuse : .ignore
        case .yielded: return .ignore
        }
    }

    /// Removes and returns the requests that were held, in order of arrival.
    func takeHeld() -> [(kind: InstanceKind, message: Message)] { held.take() }

    private func handle(_ event: Claim.Event) {
        guard !isLeaving else { return }
        for action in claim.handle(event, at: WallClock.now) { perform(action) }
    }

    private func perform(_ action: Claim.Action) {
        switch action {
        case .speak: speak()
        case .wait:
            Log.note("pm/cluster/status says online: waiting for an objection of another pm-cluster", .warning)
            timer = loop.after(.seconds(Limits.claimPatience)) { [weak self] in self?.handle(.patienceOver) }
        case .act:
            let isFirst = !hasActed
            hasActed = true
            began(isFirst)
        case .yield(let other):
            // The other pm-cluster has received and executes them.
            _ = held.take()
            yielded(other)
        }
    }

    private func speak() {
        var members: [JSON.Member] = [.init("name", .string(claim.word.name))]
        if let since = claim.word.actingSince { members.append(.init("acting_since", .number(since))) }
        publisher.publish(
            Message(topic: Topic.clusterClaim, payload: JSON.object(members).printed(), qos: 1), whenOffline: .drop)
    }
}
