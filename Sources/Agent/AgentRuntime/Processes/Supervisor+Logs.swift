import LinuxSystem
import Logs
import Model
import Wire

/// Reading and following the logs of processes.
extension Supervisor {
    func place(of process: ManagedProcess) -> ProcessOutput.Place {
        .init(id: process.id, rules: process.spec.log, directory: logDirectory)
    }

    /// Records that a log can't be written; nil: it can be written again.
    func logOutageChanged(_ id: Name, _ stream: LogStream, _ outage: LogOutage?) {
        health.note(logOf: id, stream, outage)
        changed(id)
    }

    func log(_ reference: ProcessReference, _ query: LogQuery) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        do throws(Failure) { return .log(try excerpt(of: process, query)) } catch { return .failed(error) }
    }

    private func excerpt(of process: ManagedProcess, _ query: LogQuery) throws(Failure) -> LogExcerpt {
        let streams = query.streams
        var reading = LogFiles.Reading(count: query.lines, limit: Limits.logExcerpt / streams.count)
        reading.frame = LogLine.frame(hasTime: query.hasTimes, hasStream: query.isMerged)
        reading.since = query.since
        // While a process can still write, its last line may be incomplete.
        reading.isWhole = query.hasPosition && process.run?.output != nil
        var extracts: [LogStream: LogExtract] = [:]
        for stream in streams { extracts[stream] = try extract(of: process, stream, query, reading) }
        var excerpt = LogExcerpt()
        excerpt.hasTimes = query.hasTimes
        if query.isMerged { excerpt.merged = merge(&extracts, query) }
        excerpt.isTruncated = extracts.values.contains(where: \.isTruncated)
        excerpt.hasMore = extracts.values.contains(where: \.hasMore)
        excerpt.hasGap = extracts.values.contains(where: \.hasGap)
        if query.hasPosition { excerpt.position = extracts.mapValues { $0.end?.description ?? "" } }
        guard !query.isMerged else { return excerpt }
        excerpt.stdout = extracts[.stdout]?.lines.map { LogLine($0, on: .stdout) }
        excerpt.stderr = extracts[.stderr]?.lines.map { LogLine($0, on: .stderr) }
        return excerpt
    }

    private func extract(
        of process: ManagedProcess, _ stream: LogStream, _ query: LogQuery, _ reading: LogFiles.Reading
    ) throws(Failure) -> LogExtract {
        let files = place(of: process).files(of: stream)
        let text = query.after?[stream] ?? ""
        let position = LogPosition(text)
        guard position != nil || text.isEmpty else {
            throw Failure(.invalidArgument, "args.after.\(stream.rawValue) is not a position: \(text)")
        }
        do throws(SystemError) {
            return try query.after == nil ? files.lastLines(reading) : files.lines(after: position, reading)
        } catch {
            throw Failure(.internal, "\(error)")
        }
    }

    /// The lines of both streams in order, as many as the query asks for. Cuts the extracts to these lines.
    private func merge(_ extracts: inout [LogStream: LogExtract], _ query: LogQuery) -> [LogLine] {
        var (first, second) = (extracts[.stdout] ?? LogExtract(), extracts[.stderr] ?? LogExtract())
        var order = LogExtract.merge(&first, &second)
        let surplus = max(0, order.count - query.lines)
        if surplus > 0 {
            order = query.after == nil ? Array(order.dropFirst(surplus)) : Array(order.dropLast(surplus))
            let firstCount = order.count { $0 }
            if query.after == nil {
                first.cutBeginning(firstCount)
                second.cutBeginning(order.count - firstCount)
            } else {
                first.cut(firstCount)
                second.cut(order.count - firstCount)
            }
        }
        var (nextFirst, nextSecond) = (first.lines.makeIterator(), second.lines.makeIterator())
        if extracts[.stdout] != nil { extracts[.stdout] = first }
        if extracts[.stderr] != nil { extracts[.stderr] = second }
        return order.compactMap { isFirst in
            isFirst
                ? nextFirst.next().map { LogLine($0, on: .stdout) } : nextSecond.next().map { LogLine($0, on: .stderr) }
        }
    }

    /// Gets what a process writes; `stream` is nil for JSON records of both streams.
    typealias PublishLines = (_ id: Name, _ stream: LogStream?, _ lines: [UInt8]) -> Void

    /// Publishes what a process writes from now on, until the time given in `following` has passed without a renewal.
    func follow(
        _ reference: ProcessReference, _ following: LogFollowing, publish: @escaping PublishLines
    ) -> Result<(Name, LogExcerpt?), Failure> {
        guard let process = table.find(reference) else { return .failure(reference.notFound) }
        let (id, rate) = (process.id, settings.quotas.followRate)
        let subscribers = subscriptions.subscribers(of: id)
        if following.asRecords {
            subscribers.followRecords(of: following.streams, seconds: following.seconds, rate: rate) {
                publish(id, nil, $0)
            }
        } else {
            for stream in following.streams {
                subscribers.follow(stream, seconds: following.seconds, rate: rate) { publish(id, stream, $0) }
            }
        }
        do throws(Failure) {
            return .success(
                (id, try following.history.map { query throws(Failure) in try excerpt(of: process, query) }))
        } catch {
            return .failure(error)
        }
    }

    func unfollow(_ reference: ProcessReference, _ stream: LogStream?) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        subscriptions[process.id]?.unfollow(stream.map { [$0] } ?? LogStream.allCases)
        return .unfollowed
    }

    func removeLogs(of process: ManagedProcess) {
        for stream in LogStream.allCases { place(of: process).files(of: stream).remove() }
    }
}

extension LogLine {
    fileprivate init(_ line: LogExtract.Line, on stream: LogStream) {
        self.init(line.text, on: stream, at: line.time.map { Double($0 / 1_000) / 1_000 })
    }
}
