import LinuxSystem
import Logs
import Model
import Wire

/// What processes have written, and what they are writing.
extension Supervisor {
    func place(of process: ManagedProcess) -> ProcessOutput.Place {
        .init(id: process.id, rules: process.spec.log, directory: logDirectory)
    }

    /// A log can no longer be written, or can again (nil).
    func logOutageChanged(_ id: Name, _ stream: LogStream, _ outage: LogOutage?) {
        logOutages[id, default: [:]][stream] = outage
        changed(id)
    }

    func log(_ reference: ProcessReference, _ query: LogQuery) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        var excerpt = LogExcerpt()
        let streams = LogStream.allCases.filter { query.includes($0) }
        do throws(SystemError) {
            for stream in streams {
                let tail = try place(of: process).files(of: stream)
                    .lastLines(query.lines, limit: Limits.logExcerpt / streams.count)
                if stream == .stdout { excerpt.stdout = tail.lines } else { excerpt.stderr = tail.lines }
                excerpt.isTruncated = excerpt.isTruncated || tail.isTruncated
            }
            return .log(excerpt)
        } catch {
            return .failed(Failure(.internal, "\(error)"))
        }
    }

    /// Publishes what it writes from now on.
    ///
    /// - Parameter publish: gets messages for one stream.
    func follow(
        _ reference: ProcessReference, _ stream: LogStream?, seconds: Double,
        publish: @escaping (Name, LogStream, [UInt8]) -> Void
    ) -> Result<(Name, [LogStream]), Failure> {
        guard let process = table.find(reference) else { return .failure(reference.notFound) }
        let streams = stream.map { [$0] } ?? LogStream.allCases
        let onlookers = process.watched
        for stream in streams {
            if let follower = onlookers.follower(of: stream) {
                follower.renew(seconds: seconds)
                continue
            }
            let follower = Follower(
                seconds: seconds, rate: quotas.followRate, loop: loop,
                publish: { [id = process.id] in publish(id, stream, $0) },
                expired: { [weak onlookers] in onlookers?.set(nil, of: stream) })
            onlookers.set(follower, of: stream)
        }
        return .success((process.id, streams))
    }

    func unfollow(_ reference: ProcessReference, _ stream: LogStream?) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        for stream in stream.map({ [$0] }) ?? LogStream.allCases { process.onlookers?.set(nil, of: stream) }
        return .unfollowed
    }

    func removeLogs(of process: ManagedProcess) {
        for stream in LogStream.allCases { place(of: process).files(of: stream).remove() }
    }
}
