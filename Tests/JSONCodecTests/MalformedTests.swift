import JSONCodec
import Testing

/// Texts that are not JSON, or that pmqtt does not accept.
struct MalformedTests {
    private func failure(_ bytes: [UInt8], sizeLimit: Int = 1 << 20, nestingLimit: Int = 32) -> JSONError? {
        do throws(JSONError) {
            _ = try JSON.parse(bytes.span, sizeLimit: sizeLimit, nestingLimit: nestingLimit)
            return nil
        } catch { return error }
    }

    private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

    @Test(arguments: ["", " ", "\t\r\n ", "\n"]) func `a text without a value is empty`(text: String) {
        #expect(failure(text) == .empty)
    }

    @Test(arguments: [
        // Numbers.
        "01", "-01", "00", "-", "+1", ".5", "5.", "1.e5", "1e", "1e+", "1e-", "1e1.5", "0x10", "1_000", "--1", "1-",
        "-a",
        "NaN", "nan", "Infinity", "-Infinity", "inf", "1,5", "0.", "-.5", "1e 5", "１",
        // Literals.
        "nul", "nulll", "tru", "truee", "fals", "True", "NULL", "undefined", "t", "n", "f", "null null", "truefalse",
        // Strings.
        "\"", "\"a", "\"\\", "\"\\\"", "'a'", "a", "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\U0041\"", "\"\\u\"",
        "\"\\u12\"",
        "\"\\u123\"", "\"\\u123g\"", "\"\\u 123\"", "\"\\u-123\"", "\"a\nb\"", "\"a\tb\"", "\"\u{1f}\"", "\"a\" \"b\"",
        // Lone surrogates.
        "\"\\ud800\"", "\"\\udbff\"", "\"\\udc00\"", "\"\\udfff\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"",
        "\"\\ud800\\n\"",
        "\"\\udc00\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud83d\\\"",
        // Arrays.
        "[", "]", "[1", "[1,", "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1]]", "[1}", "[\"a\":1]", "[1] x",
        "(1)",
        // Objects.
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\" 1}",
        "{\"a\",1}",
        "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\":1:2}", "{\"a\":1]",
        "{\"a\":1}}",
        "{\"a\":1}{}", "{[]:1}", "{\"a\":}", "{{}}", "{\"a\":,}",
        // Comments, and white space that JSON does not allow.
        "//x\n1", "/**/1", "1//", "# 1", "\u{b}1", "\u{c}1", "\u{a0}1", "1\u{2028}", "\u{85}1", "\u{3000}1",
        // Trailing text.
        "1 1", "{} {}", "[]\u{7f}", "{}x", "null,", "\"a\"b", "1\u{1}",
        // A byte order mark.
        "\u{feff}1", "1\u{feff}", "{\u{feff}}",
    ])
    func `text outside the grammar of RFC 8259 is refused`(text: String) {
        guard case .unexpected(let offset) = failure(text) else {
            Issue.record("\(text.debugDescription): \(String(describing: failure(text)))")
            return
        }
        #expect((0...text.utf8.count).contains(offset))
    }

    @Test(arguments: [
        "\0", "1\0", "{}\0", "\"\0\"", "\"a\0b\"", "{\"a\0\":1}", "[\0]", "\"\\u0000\"", "\"a\\u0000b\"",
        "{\"\\u0000\":1}",
        "[[\"\\u0000\"]]",
    ])
    func `a NUL is refused, raw or escaped`(text: String) { #expect(failure(text) == .nulCharacter) }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x28, 0xA1],
            [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFE], [0xFF],
            [0xC0, 0x80],
        ] as [[UInt8]])
    func `invalid UTF-8 is refused at any place`(bytes: [UInt8]) {
        #expect(failure(bytes) == .invalidUTF8)
        #expect(failure(Array("\"a".utf8) + bytes + Array("b\"".utf8)) == .invalidUTF8)
        #expect(failure(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .invalidUTF8)
        #expect(failure(Array("{}".utf8) + bytes) == .invalidUTF8)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a"), (#"{"a":1,"b":2,"a":1}"#, "a"), (#"{"":1,"":2}"#, ""), (#"{"a":1,"\u0061":2}"#, "a"),
        (#"{"\u00e9":1,"é":2}"#, "é"), (#"{"x":{"k":1,"k":2}}"#, "k"), (#"[{"k":1,"k":2}]"#, "k"),
        (#"{"\/":1,"/":2}"#, "/"),
        (#"{"\ud83d\ude00":1,"😀":2}"#, "😀"),
    ])
    func `a duplicate key is refused in any spelling`(text: String, key: String) {
        #expect(failure(text) == .duplicateKey(key))
    }

    @Test(arguments: [
        #"{"a":1,"A":2}"#, #"{"a":{"a":{"a":1}}}"#, #"[{"a":1},{"a":1}]"#, "{\"\u{e9}\":1,\"e\u{301}\":2}",
    ])
    func `keys with different bytes are different keys`(text: String) { #expect(failure(text) == nil) }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"]) func `32 levels pass and 33 fail`(opening: String) {
        let levels = opening == "[{\"a\":" ? 2 : 1
        let closing = String(opening.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil })
        func nested(_ count: Int) -> String {
            String(repeating: opening, count: count / levels) + "0" + String(repeating: closing, count: count / levels)
        }
        #expect(failure(nested(32)) == nil)
        #expect(failure(nested(32 + levels)) == .tooDeep(limit: 32))
        #expect(failure(nested(100_000)) == .tooDeep(limit: 32))
    }

    @Test func `empty containers count as levels too`() {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(failure(nested(32)) == nil)
        #expect(failure(nested(33)) == .tooDeep(limit: 32))
        #expect(failure("[" + Array(repeating: nested(31), count: 100).joined(separator: ",") + "]") == nil)
    }

    @Test func `a text of the size limit passes and one byte more fails`() {
        let text = Array("\"abc\"".utf8)
        #expect(failure(text, sizeLimit: 5) == nil)
        #expect(failure(text, sizeLimit: 4) == .tooLarge(limit: 4))
        #expect(failure([], sizeLimit: 0) == .empty)
        let large = Array("\"".utf8) + [UInt8](repeating: 0x61, count: 256 * 1024 - 2) + Array("\"".utf8)
        #expect(failure(large, sizeLimit: 256 * 1024) == nil)
        #expect(failure(large + [0x20], sizeLimit: 256 * 1024) == .tooLarge(limit: 256 * 1024))
    }

    @Test func `the offset is the first byte that can't be there`() {
        #expect(failure(#"{"a":1,}"#) == .unexpected(offset: 7))
        #expect(failure("[1 2]") == .unexpected(offset: 3))
        #expect(failure("nul") == .unexpected(offset: 3))
        #expect(failure("é") == .unexpected(offset: 0))
    }

    @Test func `every error has a phrase without a capital or a full stop`() {
        let errors: [JSONError] = [
            .tooLarge(limit: 1), .tooDeep(limit: 32), .invalidUTF8, .nulCharacter, .duplicateKey("k"), .empty,
            .unexpected(offset: 3), .outOfMemory,
        ]
        for error in errors { #expect(!error.description.isEmpty && !error.description.hasSuffix(".")) }
    }
}
