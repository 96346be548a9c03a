import JSONCodec
import Testing

struct PaddingTests {
    @Test(arguments: [
        ("{}", "{}"), ("\u{FEFF}{}", "{}"), ("{}\0", "{}"), ("\u{FEFF} {} \0\n\0 ", " {} "), (" {} \n", " {} \n"),
        ("{}\0x", "{}\0x"), ("\0{}", "\0{}"), ("\u{FEFF}\u{FEFF}{}", "\u{FEFF}{}"), ("{}\u{FEFF}", "{}\u{FEFF}"),
        ("\u{FEFF}", ""), ("\0\0", ""), (" \0", " "), ("", ""),
    ])
    func `a byte order mark and NULs are no part of the text`(bytes: String, text: String) {
        let bytes = Array(bytes.utf8)
        #expect(Array(bytes[JSON.content(of: bytes.span)]) == Array(text.utf8))
    }

    @Test func `an incomplete byte order mark is part of the text`() {
        for bytes: [UInt8] in [[0xEF], [0xEF, 0xBB], [0xEF, 0xBB, 0x30]] {
            #expect(JSON.content(of: bytes.span) == 0..<bytes.count)
        }
    }

    @Test func `a padded text is parsed`() throws {
        let bytes = Array("\u{FEFF}[1]\r\n\0".utf8)
        #expect(try JSON.parse(padded: bytes.span, sizeLimit: 100, nestingLimit: 2) == [.number(1)])
        #expect(throws: JSONError.self) { try JSON.parse(bytes.span, sizeLimit: 100, nestingLimit: 2) }
    }
}
