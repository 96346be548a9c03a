import JSONCodec
import Testing

/// Parsing and printing of values.
struct ValueTests {
    private func parse(_ text: String) throws -> JSON {
        try JSON.parse(Array(text.utf8).span, sizeLimit: 1 << 20, nestingLimit: 32)
    }

    private func printed(_ json: JSON) -> String { String(decoding: json.printed(), as: UTF8.self) }

    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), (" false ", false), ("0", .number(0)), ("-0", .number(0)),
            ("1.5", .number(1.5)),
            ("-1e3", .number(-1000)), ("1E+2", .number(100)), ("1e-2", .number(0.01)),
            ("9007199254740993", .number(9007199254740992)),
            ("1e-400", .number(0)), ("\"\"", ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u00e9\u20AC""#, "é€"),
            (#""\ud83d\ude00""#, "😀"), ("\"\u{7f}\u{80}\u{fffd}\"", "\u{7f}\u{80}\u{fffd}"), ("[]", []), ("{}", [:]),
            ("[1,[2,{\"a\":null}]]", [.number(1), [.number(2), ["a": .null]]]), ("\r\n{\t\"a\" : [ ] }\n", ["a": []]),
            (#"{"b":1,"a":2}"#, ["b": .number(1), "a": .number(2)]), (#"{"":0}"#, ["": .number(0)]),
        ] as [(String, JSON)])
    func `valid text is parsed, and its value round-trips`(text: String, value: JSON) throws {
        #expect(try parse(text) == value)
        #expect(try parse(printed(value)) == value)
    }

    @Test(
        arguments: [
            0, 1, -1, 0.1, 0.5, 1e15, 1e16, 1e17, 1e21, 1e300, .leastNonzeroMagnitude, 1.7976931348623157e308,
            0.30000000000000004,
            9_007_199_254_740_991, 9_007_199_254_740_992, -9_007_199_254_740_991, 2_147_483_647, 2_147_483_648,
            -2_147_483_648,
            4_294_967_296, 1_760_000_000.123, 123_456_789_012_345_680, 1 / 3, 100, 1e-7,
        ] as [Double])
    func `a number round-trips exactly`(value: Double) throws {
        #expect(try parse(printed(.number(value))).number == value)
    }

    @Test(
        arguments: [
            (1e15, "1000000000000000"), (9_007_199_254_740_991, "9007199254740991"),
            (9_007_199_254_740_992, "9007199254740992"),
            (-0.0, "0"), (1_760_000_000.5, "1760000000.5"), (4_294_967_296, "4294967296"), (-17, "-17"),
        ] as [(Double, String)])
    func `whole numbers print without a point`(value: Double, text: String) { #expect(printed(.number(value)) == text) }

    @Test(arguments: [Double.infinity, -.infinity, .nan]) func `numbers that JSON can't hold are null`(value: Double) {
        #expect(printed(.number(value)) == "null")
    }

    @Test func `a long number is parsed completely`() throws {
        let zeros = String(repeating: "0", count: 100)
        #expect(try parse("[1.\(zeros)1,2]") == [.number(1), .number(2)])
        #expect(try parse("{\"a\":1\(zeros)}")["a"]?.number == 1e100)
        #expect(try parse("1.5\(zeros)").number == 1.5)
        #expect(try parse("-\(String(repeating: "9", count: 64))").number == -1e64)
    }

    @Test(
        arguments: [
            ("1", 1), ("-1", -1), ("1.0", 1), ("1e3", 1000), ("9007199254740992", 9_007_199_254_740_992), ("1.5", nil),
            ("1e16", nil),
            ("9007199254740994", nil), ("1e999", nil), ("\"1\"", nil), ("null", nil), ("true", nil),
        ] as [(String, Int?)])
    func `an integer is a whole number that a double holds exactly`(text: String, value: Int?) throws {
        #expect(try parse(text).integer == value)
    }

    @Test func `every character of a string round-trips`() throws {
        var text = ""
        for value in (1 as UInt32)...0x10FFFF where value < 0x3000 || value % 0x101 == 0 {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        #expect(try parse(printed(.string(text))) == .string(text))
        #expect(try parse(printed([text: .null])).members?.first?.key.unicodeScalars.count == text.unicodeScalars.count)
    }

    @Test func `raw text is printed unchanged`() {
        #expect(printed(["request": .raw("{ \"a\" :1 }")]) == #"{"request":{ "a" :1 }}"#)
    }

    @Test func `accessors return values of their own kind only`() throws {
        let json = try parse(#"{"s":"a","n":1,"b":true,"a":[1],"o":{"x":1},"z":null}"#)
        #expect(json["s"]?.string == "a" && json["s"]?.number == nil)
        #expect(json["n"]?.number == 1 && json["n"]?.bool == nil)
        #expect(json["b"]?.bool == true && json["b"]?.number == nil)
        #expect(json["a"]?.array == [.number(1)] && json["a"]?.members == nil)
        #expect(json["o"]?["x"]?.integer == 1 && json["o"]?.array == nil)
        #expect(json["z"] == .null && json["none"] == nil && json["a"]?["x"] == nil)
    }
}
