import JSONCodec
import Testing

/// Errors in files say line and column.
struct PlaceTests {
    private func error(_ text: [UInt8], nestingLimit: Int = 32) -> String? {
        do throws(JSONError) {
            _ = try JSON.parse(text.span, sizeLimit: 1 << 20, nestingLimit: nestingLimit)
            return nil
        } catch {
            return error.description(in: text.span, nestingLimit: nestingLimit)
        }
    }

    private func error(_ text: String) -> String? { error(Array(text.utf8)) }

    @Test(arguments: [
        ("{\"a\":1,}", "not valid JSON at line 1, column 8"),
        ("{\n  \"a\": 1,\n  \"b\": tru\n}", "not valid JSON at line 3, column 11"),
        ("{\r\n\t\"a\" 1}", "not valid JSON at line 2, column 6"),
        ("{\"ä€😀\": x}", "not valid JSON at line 1, column 9"),
        ("{\"a\":\n", "not valid JSON: it ends at line 2, column 1"),
        ("{\"a\":1,\n\"b\":[{\"a\":2,\"a\":3}]}", "duplicate key \"a\" at line 2, column 13"),
        ("{\"a\":1,\n \"\\u0061\":2}", "duplicate key \"a\" at line 2, column 2"),
        ("{\"a\":[\"b\",\"b\",{\"b\":\"b\"}],\n\"c\":{},\"c\":1}", "duplicate key \"c\" at line 2, column 8"),
        ("[\n\"a\\u0000\"]", "a NUL character in a string at line 2, column 9"),
        ("", "empty"),
    ]) func `the place of an error is counted in lines and characters`(text: String, expected: String) {
        #expect(error(text) == expected)
    }

    @Test func `errors of bytes and of nesting have a place`() {
        #expect(error([0x5B, 0x0A, 0x22, 0xFF, 0x22, 0x5D]) == "not valid UTF-8 at line 2, column 2")
        #expect(error(Array("[\n[[1]]]".utf8), nestingLimit: 2) == "nested more than 2 levels deep at line 2, column 2")
        #expect(error(Array("[\n[[1]]]".utf8), nestingLimit: 3) == nil)
    }
}
