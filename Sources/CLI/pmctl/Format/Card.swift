/// One item in detail: a field per line, with the values in one column.
struct Card {
    private(set) var fields: [(name: String, value: Cell)] = []

    /// Fields without a value are left out.
    mutating func add(_ name: String, _ value: Cell?) {
        if let value { fields.append((name, value)) }
    }

    mutating func add(_ name: String, _ value: String?) { add(name, value.map { Cell($0) }) }

    func lines(for terminal: Terminal) -> [String] {
        let width = fields.reduce(0) { max($0, $1.name.utf8.count) }
        return fields.map { field in
            let space = String(repeating: " ", count: width - field.name.utf8.count + 2)
            return terminal.paint(field.name, .bold) + space + terminal.paint(field.value.text, field.value.color)
        }
    }
}
