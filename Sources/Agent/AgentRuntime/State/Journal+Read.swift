import var Glibc.ENOENT
import JSONCodec
import LinuxSystem
import Model

extension Journal {
    /// The state that a journal describes, after its last line.
    struct Contents: Equatable {
        var records: [Name: ProcessRecord] = [:]
        /// Launches that have ended, in the order of their ends; some belong to processes that have no record any more.
        var ended: [LaunchRecord] = []
        /// The processes that were removed since the last rewrite.
        var forgotten: Set<Name> = []
        var milestones: Set<Milestone> = []
        /// The strays that still ran when the previous agent ended.
        var strays: Set<ProcessIdentity> = []
        /// The requests that were carried out lately.
        var begun = BegunRequests()
        /// Whether it comes from the previous worker of the same agent, by the keeper: then it is complete.
        var isInherited = false
        /// Whether there was a journal.
        var isFound = false
        /// Why it may be incomplete; nil if it is not damaged.
        var damage: String?

        var latestLaunch: UInt64 {
            max(records.values.map(\.launch.number).max() ?? 0, ended.map(\.number).max() ?? 0)
        }
    }

    /// Reads the copy in memory that the previous worker left (`inherited`), else the file.
    static func read(inherited: consuming Descriptor?, path: String, bootID: String) -> Contents {
        let limit = Limits.journalSize
        do throws(SystemError) {
            guard let inherited else { return try read(path, bootID: bootID) }
            var contents = contents(try inherited.readAll(limit: limit), bootID: bootID)
            contents.isInherited = true
            return contents
        } catch {
            var contents = Contents()
            if error.number != ENOENT { contents.damage = "\(error)" }
            return contents
        }
    }

    private static func read(_ path: String, bootID: String) throws(SystemError) -> Contents {
        do throws(SystemError) {
            return contents(try FileSystem.read(path, limit: Limits.journalSize), bootID: bootID)
        } catch {
            let stale = stalePath(of: path)
            guard error.number == ENOENT, FileSystem.kind(of: stale) != nil else { throw error }
            var contents = contents(try FileSystem.read(stale, limit: Limits.journalSize), bootID: bootID)
            // A stale journal of another boot is irrelevant, so it is no damage.
            if contents.isFound { contents.damage = "its last lines could not be written" }
            return contents
        }
    }

    /// Parses a journal. One of another boot is ignored: its processes are gone.
    static func contents(_ bytes: [UInt8], bootID: String) -> Contents {
        var contents = Contents(isFound: true)
        var damagedLines = 0
        var merged: [Name: [JSON.Member]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let json = try? JSON.parse(Array(line).span, sizeLimit: Limits.journalLine, nestingLimit: Limits.nesting)
            guard let json, let members = json.members else {
                damagedLines += 1
                continue
            }
            if let boot = json["boot"]?.string, boot != bootID { return Contents() }
            contents.begun.read(json)
            if let list = json["strays"]?.array { contents.strays = Set(list.compactMap { ProcessIdentity($0) }) }
            for milestone in Milestone.allCases {
                switch json[milestone.rawValue]?.bool {
                case true: contents.milestones.insert(milestone)
                case false: contents.milestones.remove(milestone)
                default: break
                }
            }
            var launch = LaunchRecord(json)
            if let id = json["id"]?.string.flatMap({ Name($0) }) {
                let all = merge(members, into: merged[id] ?? [])
                if json["forgotten"] == nil {
                    merged[id] = all
                    contents.forgotten.remove(id)
                } else {
                    merged[id] = nil
                    contents.forgotten.insert(id)
                }
                launch = LaunchRecord(.object(all))
            }
            if json["exited_after_boot"] != nil || json["exited_at"] != nil { contents.ended.append(launch) }
        }
        for (id, members) in merged {
            do { contents.records[id] = try ProcessRecord(.object(members)) } catch { damagedLines += 1 }
        }
        if damagedLines > 0 { contents.damage = "\(damagedLines) lines can't be parsed" }
        return contents
    }

    /// Applies the members of a line to those of a process. A line with `config` replaces them all; one with `launch`
    /// drops those of the previous launch.
    private static func merge(_ new: [JSON.Member], into old: [JSON.Member]) -> [JSON.Member] {
        let keys = Set(new.map(\.key))
        if keys.contains("config") { return new }
        let outdated: Set<String> =
            keys.contains("launch")
            ? [
                "pid", "start_time", "started_at", "exited_at", "started_after_boot", "exited_after_boot", "own_end",
                "left_behind", "code", "signal", "failure",
            ] : []
        return old.filter { !keys.contains($0.key) && !outdated.contains($0.key) } + new
    }
}
