/// A column by which rows can be sorted.
struct SortKey<Row> {
    enum Value {
        case text(String)
        case number(Double?)
    }

    let name: String
    let value: (Row) -> Value

    init(_ name: String, _ value: @escaping (Row) -> Value) {
        self.name = name
        self.value = value
    }

    /// Texts ascending, numbers largest first, and rows without a number at the end, reversed or not. Equal rows keep
    /// their order.
    func sorted(_ rows: [Row], isReversed: Bool) -> [Row] {
        let keyed = rows.enumerated().map { (index: $0, value: value($1), row: $1) }
        return keyed.sorted { left, right in
            switch Self.order(left.value, right.value) {
            case .same: left.index < right.index
            case .missing(let isFirst): isFirst
            case .ascending: !isReversed
            case .descending: isReversed
            }
        }.map(\.row)
    }

    private enum Order {
        case same, ascending, descending
        /// Only one has a number; whether it is the first one.
        case missing(isFirst: Bool)
    }

    private static func order(_ left: Value, _ right: Value) -> Order {
        switch (left, right) {
        case (.text(let left), .text(let right)):
            return left == right ? .same : left < right ? .ascending : .descending
        case (.number(let left?), .number(let right?)):
            return left == right ? .same : left > right ? .ascending : .descending
        case (.number(let left), .number(let right)):
            return (left == nil) == (right == nil) ? .same : .missing(isFirst: left != nil)
        case (.text, .number), (.number, .text): return .same
        }
    }
}
