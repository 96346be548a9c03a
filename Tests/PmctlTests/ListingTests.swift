import ArgumentParser
import Testing

@testable import pmctl

/// How lists are sorted and cut. Pure.
struct ListingTests {
    private struct Row: Equatable {
        let name: String
        let size: Double?
    }

    private static let rows = [
        Row(name: "b", size: 2), Row(name: "a", size: nil), Row(name: "c", size: 10), Row(name: "d", size: 2),
    ]

    private func names(_ key: SortKey<Row>, isReversed: Bool = false) -> String {
        key.sorted(Self.rows, isReversed: isReversed).map(\.name).joined()
    }

    @Test func `texts come in ascending order, numbers largest first, and no number last`() {
        let name = SortKey<Row>("name") { .text($0.name) }
        let size = SortKey<Row>("size") { .number($0.size) }
        #expect(names(name) == "abcd" && names(name, isReversed: true) == "dcba")
        #expect(names(size) == "cbda" && names(size, isReversed: true) == "bdca")
    }

    @Test(arguments: [
        ("edge-frankfurt-1", "edge-frankfurt-1", 16), ("edge-frankfurt-1", "edge-fr…kfurt-1", 15),
        ("edge-frankfurt-1", "ed…1", 4), ("abc", "a…", 2), ("abc", "…", 1),
    ])
    func `a name is cut in the middle`(text: String, cut: String, limit: Int) {
        #expect(Printable.cutMiddle(text, to: limit) == cut)
        #expect(Printable.width(cut) <= limit)
    }

    @Test func `names are never cut so far that they look the same`() {
        let names = ["edge-frankfurt-1-a", "edge-frankfurt-2-a", "edge-freiburg-11-a"]
        let table = Table(
            columns: [.init("HOST", isName: true), .init("COMMAND", isElastic: true)],
            rows: names.map { [Cell($0), Cell(String(repeating: "x", count: 60))] })
        for width in 20...90 {
            let shown = table.lines(for: .narrow(width)).dropFirst().map { $0.prefix { $0 != " " } }
            #expect(Set(shown).count == names.count, "\(width): \(shown)")
        }
        #expect(table.lines(for: .narrow(60)).dropFirst().allSatisfy { Printable.width($0) <= 60 })
    }
}
