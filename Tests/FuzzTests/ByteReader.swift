/// Takes choices out of what the fuzzer gives; at the end they are all 0.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func choice<Value>(_ values: [Value]) -> Value { values[Int(byte()) % values.count] }

    /// Up to a newline, which is taken too; nil when that is no UTF-8.
    mutating func line() -> String? {
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        rest = rest.dropFirst(line.count + 1)
        return String(validating: line, as: UTF8.self)
    }

    /// All that is left; nil when that is no UTF-8.
    mutating func text() -> String? {
        defer { rest = [] }
        return String(validating: rest, as: UTF8.self)
    }
}
