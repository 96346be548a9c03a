import JSONCodec
import Testing

/// What settings files may hold beside JSON.
struct CommentTests {
    private func parse(_ text: String) throws -> JSON {
        var bytes = Array(text.utf8)
        JSON.blankComments(in: &bytes)
        #expect(bytes.count == text.utf8.count)
        return try JSON.parse(bytes.span, sizeLimit: 1_000, nestingLimit: 8)
    }

    @Test(arguments: [
        ("// first\n{\"a\": 1} // last", "{\"a\":1}"),
        ("{\n  // \"b\": 2,\n  \"a\": 1 // one\n}", "{\"a\":1}"),
        ("{\"a\": 1,\n// \"b\": 2\n}", "{\"a\":1}"),
        ("{\"a\": [1, 2,], \"b\": {\"c\": 3,},\r\n}", "{\"a\":[1,2],\"b\":{\"c\":3}}"),
        (
            "{\"a\": \"mqtt://host\", \"b\": \"x,]\", \"c\": \"\\\"//\\\\\"}//",
            "{\"a\":\"mqtt://host\",\"b\":\"x,]\",\"c\":\"\\\"//\\\\\"}"
        ),
        ("{\"a\": 1, // \u{e9} and \"quotes\n\"b\": 2}", "{\"a\":1,\"b\":2}"),
    ])
    func `comments and trailing commas are left out, and strings stay`(text: String, json: String) throws {
        #expect(try parse(text) == (try parse(json)))
    }

    @Test(arguments: [
        "{\"a\": 1,, }", "[1,,2]", "[,]", "{,}", "{\"a\": 1} /", "{\"a\": / 1}", "{\"a\" // : 1}", "// only", "",
        "{\"a\": \"// }", "{\"a\": \"\\", "{\"a\": 1 /* b */}", "{# a\n}", "{\"a\": 1},",
    ])
    func `everything else must be JSON`(text: String) { #expect(throws: JSONError.self) { try parse(text) } }
}
