/// Rows under headings, as wide as their contents or, on a terminal, at most as wide as it is.
struct Table {
    struct Column {
        enum Alignment { case left, right }

        let title: String
        let alignment: Alignment
        /// Whether its cells may be cut on a narrow terminal, to the title's width at least.
        let isElastic: Bool
        /// Whether its cells are names: they are cut in the middle, and never so far that two of them look the same.
        let isName: Bool

        init(_ title: String, _ alignment: Alignment = .left, isElastic: Bool = false, isName: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.isElastic = isElastic || isName
            self.isName = isName
        }
    }

    let columns: [Column]
    let rows: [[Cell]]
    private static let gap = "  "
    /// The width to which the last elastic column is cut before other columns are cut.
    private static let proseWidth = 16

    func lines(for terminal: Terminal) -> [String] {
        let widths = widths(limit: terminal.width)
        let heading = columns.map { Cell($0.title, .bold) }
        return ([heading] + rows).map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                if index > 0 { line += Self.gap }
                line += padded(cell, column: index, width: widths[index], terminal, isLast: index == row.count - 1)
            }
            return line
        }
    }

    private func padded(_ cell: Cell, column: Int, width: Int, _ terminal: Terminal, isLast: Bool) -> String {
        let text = cut(cell.text, column, to: width)
        let space = String(repeating: " ", count: max(0, width - Printable.width(text)))
        let painted = terminal.paint(text, cell.color)
        switch columns[column].alignment {
        case .left: return isLast ? painted : painted + space
        case .right: return space + painted
        }
    }

    private func cut(_ text: String, _ column: Int, to width: Int) -> String {
        columns[column].isName ? Printable.cutMiddle(text, to: width) : Printable.cut(text, to: width)
    }

    /// The width to which a column may be cut: that of its title, or more if names would look the same.
    private func leastWidth(of column: Int) -> Int {
        let title = Printable.width(columns[column].title)
        guard columns[column].isName else { return title }
        let names = Set(rows.map { $0[column].text })
        let widest = names.reduce(title) { max($0, Printable.width($1)) }
        return (title...widest).first { width in Set(names.map { cut($0, column, to: width) }).count == names.count }
            ?? widest
    }

    private func widths(limit: Int?) -> [Int] {
        let least = columns.indices.map { limit == nil ? Printable.width(columns[$0].title) : leastWidth(of: $0) }
        var widths = columns.indices.map { column in
            rows.reduce(least[column]) { max($0, Printable.width($1[column].text)) }
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * (columns.count - 1) - limit
        func cut(_ column: Int, to least: Int) {
            let less = min(max(0, excess), max(0, widths[column] - least))
            widths[column] -= less
            excess -= less
        }
        let elastic = columns.indices.filter { columns[$0].isElastic }
        // The last column holds prose and is cut first, because people copy names. After that, the widest one is cut.
        if let last = elastic.last { cut(last, to: max(least[last], Self.proseWidth)) }
        while excess > 0, let widest = elastic.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] }) {
            cut(widest, to: widths[widest] - 1)
        }
        return widths
    }
}
