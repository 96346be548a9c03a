/// Derives choices from the fuzzer's input; after its end, every byte is 0.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func choice<Value>(_ values: [Value]) -> Value { values[Int(byte()) % values.count] }

    /// Consumes a line with its newline; nil when the line is not valid UTF-8.
    mutating func line() -> String? {
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        rest = rest.dropFirst(line.count + 1)
        return String(validating: line, as: UTF8.self)
    }

    /// Consumes the rest; nil when it is not valid UTF-8.
    mutating func text() -> String? {
        defer { rest = [] }
        return String(validating: rest, as: UTF8.self)
    }
}
