import Model
import Supervision
import Testing

@testable import AgentRuntime

/// Waiting for dependencies, with standings that the test gives.
struct DependencyQueueTests {
    private let queue = DependencyQueue()
    private let database = Name(test: "db")
    private let cache = Name(test: "cache")

    private func waiting(_ id: String, for dependencies: Name...) -> ManagedProcess {
        let process = ManagedProcess(test: id) { $0.dependsOn = dependencies.map { Dependency($0) } }
        queue.add(process)
        return process
    }

    /// What a review reports: ids, and new obstacles.
    private func review(_ standings: [Name: DependencyStanding]) -> [String] {
        var news: [String] = []
        queue.review {
            standings[$0.id] ?? .met
        } changed: { process, obstacle in
            news.append("\(process.id): \(obstacle ?? "-")")
        }
        return news
    }

    @Test func `processes get ready in the order in which they began to wait`() {
        let (b, a) = (waiting("b", for: database), waiting("a", for: database))
        let c = waiting("c", for: database, cache)
        #expect(queue.takeReady { $0.id == database ? .met : .pending }.map(\.id) == [b.id, a.id])
        #expect(queue.takeReady { _ in .pending }.isEmpty && !queue.isEmpty)
        #expect(queue.takeReady { _ in .met }.map(\.id) == [c.id])
        #expect(queue.isEmpty)
    }

    @Test func `a process tells what it waits for only when that changes`() {
        let process = waiting("web", for: database, cache)
        #expect(queue.unmet(of: process.id) == nil)
        #expect(review([database: .pending, cache: .pending]) == ["web: -"])
        #expect(review([database: .pending, cache: .pending]).isEmpty)
        #expect(review([cache: .pending]) == ["web: -"])
        #expect(queue.unmet(of: process.id) == .init(dependencies: [cache]))
    }

    @Test func `an obstacle is new once, and a health reason as long as it lasts`() {
        _ = waiting("web", for: database, cache)
        #expect(
            review([database: .blocked("is failed"), cache: .blocked("is unknown")])
                == ["web: waits for db, which is failed"])
        #expect(queue.reasons == ["process web waits for db, which is failed"])
        #expect(review([database: .blocked("is failed")]) == ["web: -"])
        #expect(review([database: .pending]) == ["web: -"])
        #expect(queue.reasons.isEmpty)
    }

    @Test func `nothing is left of a process that waits no longer`() {
        let (stopped, started) = (waiting("a", for: database), waiting("b", for: cache))
        #expect(review([database: .blocked("is failed"), cache: .blocked("is failed")]).count == 2)
        queue.remove(stopped)
        #expect(queue.unmet(of: stopped.id) == nil && queue.reasons.count == 1)
        #expect(queue.takeReady { _ in .met }.map(\.id) == [started.id])
        #expect(queue.unmet(of: started.id) == nil && queue.reasons.isEmpty)
    }

    @Test func `a process that is stopped during a review is not reported`() {
        let (first, second) = (waiting("a", for: database), waiting("b", for: database))
        var news: [Name] = []
        queue.review {
            _ in
            .pending
        } changed: { process, _ in
            news.append(process.id)
            queue.remove(second)
        }
        #expect(news == [first.id] && queue.unmet(of: second.id) == nil)
    }
}
