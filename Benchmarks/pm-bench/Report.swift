import LinuxSystem

/// Prints figures with their bars. A missed bar is marked but does not fail the bench: hosts are noisy, and a person
/// decides.
enum Report {
    enum Bar {
        case atLeast(Double)
        case atMost(Double)
        case none
    }

    static func title(_ text: String) { line("\n\(text)") }

    static func figure(_ name: String, _ value: Double, _ bar: Bar, _ detail: String = "") {
        let (text, holds): (String, Bool?) =
            switch bar {
            case .atLeast(let least): ("≥ \(rounded(least))", value >= least)
            case .atMost(let most): ("≤ \(rounded(most))", value <= most)
            case .none: ("", nil)
            }
        let mark = holds.map { $0 ? "  " : "! " } ?? "  "
        line("\(mark)\(padded(name, 44)) \(padded(rounded(value), 8, left: true))  \(padded(text, 8))  \(detail)")
    }

    static func note(_ text: String) { line(text) }

    /// Prints a table with columns as wide as their contents and numbers aligned to the right.
    static func table(_ header: [String], _ rows: [[String]]) {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [header] + rows {
            let cells = row.indices.map { padded(row[$0], widths[$0], left: $0 > 0) }
            line("    " + cells.joined(separator: "  "))
        }
    }

    static func rounded(_ value: Double, places: Int = 3) -> String {
        let factor = places == 3 ? 1000.0 : 10.0
        return "\((value * factor).rounded() / factor)"
    }

    static func microseconds(_ seconds: Double) -> String { "\(Int((seconds * 1_000_000).rounded())) µs" }

    private static func line(_ text: String) { FileSystem.write(text + "\n", to: 1) }

    private static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}
