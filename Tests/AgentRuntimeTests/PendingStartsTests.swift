import Model
import Testing

@testable import AgentRuntime

/// Requests between their arrival and the end of the check of their specs.
struct PendingStartsTests {
    private let web = Name(test: "web")

    @Test func `a stop reaches a pending start`() {
        let starts = PendingStarts()
        #expect(!starts.stop(web))
        let ticket = starts.begin(web)
        #expect(starts.contains(web) && !ticket.isStopped)
        #expect(starts.stop(web) && ticket.isStopped)
        starts.end(ticket)
        #expect(!starts.contains(web) && !starts.stop(web))
    }

    @Test func `a stop reaches all pending starts of a name, also after the first has ended`() {
        let starts = PendingStarts()
        let (first, second) = (starts.begin(web), starts.begin(web))
        starts.end(first)
        #expect(starts.contains(web) && starts.stop(web))
        #expect(second.isStopped && !first.isStopped)
        starts.end(second)
        #expect(!starts.contains(web))
    }

    @Test func `a start without a name is not stopped by a name`() {
        let starts = PendingStarts()
        let ticket = starts.begin(nil)
        #expect(!starts.stop(web) && !ticket.isStopped)
    }

    @Test func `applies are carried out in the order of arrival, also if the last is checked first`() {
        var completions: [(Name?, (Result<String, Failure>) -> Void)] = []
        let queue = ApplyQueue { spec, _, completion in completions.append((spec.name, completion)) }
        var done: [String] = []
        let (a, b) = (ManagedProcess(test: "a").spec, ManagedProcess(test: "b").spec)
        queue.add([a, b], ApplyScope(part: .unowned)) { done.append("first \($0.keys.sorted())") }
        queue.add([], ApplyScope(part: .unowned)) { done.append("second \($0.count)") }
        #expect(completions.map(\.0) == [a.name, b.name] && done.isEmpty)
        completions[1].1(.failure(Failure(.notAllowed, "no")))
        #expect(done.isEmpty)
        completions[0].1(.success("a"))
        #expect(done == ["first [b]", "second 0"])
    }

    @Test func `an apply is answered when its last step has ended, and all have begun`() {
        var results: [ApplyResult] = []
        let operation = ApplyOperation(isDryRun: false) { results.append($0) }
        operation.begin(\.started, web)
        operation.begin(\.removed, Name(test: "old"))
        operation.fail(web, Failure(.execFailed, "no such file"))
        operation.end()
        operation.end()
        #expect(results.isEmpty)
        operation.complete()
        #expect(results.map(\.removed) == [[Name(test: "old")]] && results.first?.started.isEmpty == true)
        #expect(results.first?.failed.map(\.id) == [web])
    }
}
