package import JSONCodec
package import Model

extension LeftBehind {
    /// `{"count":2,"names":["sleep","sh"]}`
    package var json: JSON { ["count": .number(count), "names": .array(names.map { .string($0) })] }

    package init?(_ json: JSON) {
        guard let count = json["count"]?.integer, count > 0 else { return nil }
        self.init(count: count, names: (json["names"]?.array ?? []).compactMap(\.string))
    }
}
