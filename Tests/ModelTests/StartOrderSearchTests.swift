import Model
import TestSupport
import Testing

struct StartOrderSearchTests {
    private static func name(_ text: String) -> Name { Name(sanitizing: text, fallback: "x") }

    private func order(_ processes: [(String, [String])]) -> (order: [String], cycles: [[String]]) {
        let found = StartOrder(of: processes.map { (Self.name($0.0), $0.1.map(Self.name)) })
        return (found.order.map(\.description), found.cycles.map { $0.map(\.description) })
    }

    @Test func `without dependencies the given order is kept`() {
        #expect(order([("c", []), ("a", []), ("b", [])]).order == ["c", "a", "b"])
    }

    @Test func `each process follows its dependencies, and otherwise the given order is kept`() {
        let found = order([("web", ["db", "cache"]), ("log", []), ("cache", ["disk"]), ("db", ["disk"]), ("disk", [])])
        #expect(found.order == ["disk", "db", "cache", "web", "log"])
        #expect(found.cycles.isEmpty)
    }

    @Test func `dependencies that are not in the list are ignored`() {
        #expect(order([("web", ["db"])]).order == ["web"])
    }

    @Test(arguments: [
        ([("a", ["a"])], [["a"]]), ([("a", ["b"]), ("b", ["a"])], [["a", "b"]]),
        ([("z", ["a"]), ("a", ["b"]), ("b", ["c"]), ("c", ["a"]), ("d", [])], [["a", "b", "c"]]),
        ([("a", ["b"]), ("b", ["a"]), ("c", ["d"]), ("d", ["c"])], [["a", "b"], ["c", "d"]]),
    ])
    func `cycles are found, and every process is in the order`(
        processes: [(String, [String])], cycles: [[String]]
    ) {
        let found = order(processes)
        #expect(found.cycles == cycles)
        #expect(found.order.sorted() == processes.map(\.0).sorted())
    }

    @Test func `a chain of ten thousand processes is ordered`() {
        let last = 9_999
        let found = order((0...last).map { ("p\($0)", $0 == last ? [] : ["p\($0 + 1)"]) })
        #expect(found.order == (0...last).reversed().map { "p\($0)" })
    }

    @Test func `with random dependencies, no process precedes one of its dependencies`() {
        var seed = Seed.fresh()
        let replay = seed.description
        for _ in 0..<300 {
            let count = Int.random(in: 1...20, using: &seed)
            // Each process depends only on earlier ones of a hidden order, so there are no cycles.
            let hidden = (0..<count).shuffled(using: &seed)
            let processes = (0..<count).map { index -> (String, [String]) in
                let earlier = (0..<count).filter { hidden[$0] < hidden[index] }
                return ("p\(index)", earlier.filter { _ in Bool.random(using: &seed) }.map { "p\($0)" })
            }
            let found = order(processes)
            #expect(found.cycles.isEmpty && Set(found.order).count == count, "\(replay)")
            for (id, needed) in processes {
                let isAfter = needed.allSatisfy { before in
                    guard let first = found.order.firstIndex(of: before) else { return false }
                    return found.order.firstIndex(of: id).map { first < $0 } ?? false
                }
                #expect(isAfter, "\(id) in \(found.order), \(replay)")
            }
        }
    }
}
