import JSONCodec
import LinuxSystem
import Model
import ServiceSupport

/// The file `running` in the state directory: which processes run the agent, from which version, and how upgrades went.
/// `pm-agent --upgrade` reads it to find the agent and to see its upgrade. Each worker writes it when it supervises.
///
/// `{"keeper":{"pid":1,"start_time":2},"worker":{…},"version":"0.3.0","hand_overs":0,"refusals":0,"refusal":"…"}`
final class RunningAgent {
    struct Contents: Equatable {
        var keeper: ProcessIdentity
        var worker: ProcessIdentity
        /// Of the worker's program.
        var version: String
        var knowsUpgrades: Bool
        /// The number of successors that the keeper and its predecessors have executed.
        var handOvers: Int
        /// The number of upgrades that this worker has refused.
        var refusals = 0
        /// Why the latest upgrade did not happen, or only for the worker; nil if it did, or if there was none.
        var refusal: String?

        /// Whether the keeper still runs. The file may be that of an agent with less rights than its reader, and must not
        /// make the reader signal any other program.
        var isKeeper: Bool {
            !keeper.hasEnded && ProcessStatistics.read(keeper.pid)?.name == KeeperCommand.program
        }
    }

    private let path: String
    private var contents: Contents?

    init(_ stateDirectory: String, keeper: KeeperFacts) {
        path = Self.path(in: stateDirectory)
        guard let own = ProcessIdentity(of: Program.pid), let parent = ProcessIdentity(of: Program.parent) else {
            return
        }
        let refusal = keeper.latestTrial.refusal.map { "the worker is new, and the keeper goes on as it was: \($0)" }
        contents = Contents(
            keeper: parent, worker: own, version: Version.current, knowsUpgrades: keeper.knowsUpgrades,
            handOvers: Int(clamping: keeper.handOvers), refusal: refusal)
    }

    func store() {
        guard let contents else { return }
        do throws(SystemError) {
            try FileSystem.replace(path, with: contents.json.printed(), isDurable: false)
        } catch {
            Log.note("upgrades can't be asked for by pm-agent --upgrade: \(error)", .warning)
        }
    }

    func refused(_ reason: String) {
        contents?.refusals += 1
        contents?.refusal = reason
        store()
    }

    func remove() { FileSystem.remove(path) }

    private static func path(in stateDirectory: String) -> String { "\(stateDirectory)/running" }

    /// - Returns: nil if there is no such file, or if it is damaged.
    static func read(in stateDirectory: String) -> Contents? {
        let json = try? StateFile.read(path(in: stateDirectory), limit: Limits.journalLine)
        return json.flatMap { Contents($0) }
    }
}

extension RunningAgent.Contents {
    var json: JSON {
        .object(
            [
                .init("keeper", keeper.json), .init("worker", worker.json), .init("version", .string(version)),
                .init("upgrades", .bool(knowsUpgrades)), .init("hand_overs", .number(handOvers)),
                .init("refusals", .number(refusals)),
            ] + (refusal.map { [.init("refusal", .string($0))] } ?? []))
    }

    init?(_ json: JSON) {
        guard let keeper = json["keeper"].flatMap({ ProcessIdentity($0) }),
            let worker = json["worker"].flatMap({ ProcessIdentity($0) })
        else { return nil }
        self.init(
            keeper: keeper, worker: worker, version: json["version"]?.string ?? "?",
            knowsUpgrades: json["upgrades"]?.bool ?? false, handOvers: json["hand_overs"]?.integer ?? 0)
        refusals = json["refusals"]?.integer ?? 0
        refusal = json["refusal"]?.string
    }
}
