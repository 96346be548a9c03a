/// A cell of a table: text that is safe for a terminal, and its colour on terminals that have colours.
struct Cell: Equatable, ExpressibleByStringLiteral {
    let text: String
    let color: Color?

    init(_ text: String, _ color: Color? = nil) {
        self.text = Printable.line(text)
        self.color = color
    }

    init(stringLiteral value: String) { self.init(value) }

    /// A dash: the value is not known or does not apply.
    static let none: Cell = "-"

    init(number: Int?) { self.init(number.map { "\($0)" } ?? "-") }
}

/// The colours that every terminal has (ECMA-48, SGR).
enum Color: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case faint = 2
    case bold = 1

    func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
