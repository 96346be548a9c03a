import JSONCodec
import Testing

struct TopLevelScanTests {
    private func scan(_ bytes: [UInt8], nestingLimit: Int = 32) -> TopLevelScan.Match? {
        TopLevelScan.string("host_name", or: "node_id", in: bytes.span, nestingLimit: nestingLimit)
    }

    /// The value that was found; a value of `node_id` has the prefix `!`.
    private func scan(_ text: String, nestingLimit: Int = 32) -> String? {
        let bytes = Array(text.utf8)
        switch scan(bytes, nestingLimit: nestingLimit) {
        case nil: return nil
        case .first(let range): return String(decoding: bytes[range], as: UTF8.self)
        case .second(let range): return "!" + String(decoding: bytes[range], as: UTF8.self)
        }
    }

    @Test(
        arguments: [
            (#"{"a":"1","b":"2","c":"3"}"#, "1"), (#"{"b":"2","a":"1","c":"3"}"#, "1"), (#"{"b":"2","a":"1"}"#, "1"),
            (#"{"b":"2","x":{"a":"1"}}"#, nil), (#"{"a":"\u0031"}"#, nil), (#"{"b":"a"}"#, nil), ("", nil),
        ] as [(String, String?)])
    func `a search for one key finds its value`(text: String, value: String?) {
        let bytes = Array(text.utf8)
        let range = TopLevelScan.string("a", in: bytes.span, nestingLimit: 32)
        #expect(range.map { String(decoding: bytes[$0], as: UTF8.self) } == value)
    }

    @Test(arguments: [
        (#"{"host_name":"a"}"#, "a"),
        (#"{"node_id":"a"}"#, "!a"),
        (#"{"node_id":"a","host_name":"b"}"#, "!a"),
        (#"{"host_name":"b","node_id":"a"}"#, "b"),
        (" \t\r\n{ \"host_name\" : \"a\" ", "a"),
        (#"{"host_name":"","x":1}"#, ""),
        (#"{"x":{"host_name":"no"},"host_name":"yes"}"#, "yes"),
        (#"{"x":[1,"\"}]{[",{"y":[]}],"host_name":"yes"}"#, "yes"),
        (#"{"x":"\\","host_name":"yes"}"#, "yes"),
        (#"{"x":"\\\",\"host_name\":\"no\"","host_name":"yes"}"#, "yes"),
        (#"{"a":1,"b":-1.5e3,"c":true,"d":null , "host_name":"yes"}"#, "yes"),
        (#"{"host_nam":"n","host_name_":"n","Host_name":"n","host_name":"ä"}"#, "ä"),
        (#"{"host_name":"first","host_name":"second"}"#, "first"),
        (#"{"x":[],"host_name":"middle","node_id":"last"}"#, "!last"),
        (#"{"x":[],"host_name":"middle","y":"node_id"}"#, "middle"),
        ("{\"x\":1 , \"node_id\" : \"a,b:c\" }\n", "!a,b:c"),
        (#"{"x":"},\"node_id\":\"","host_name":"yes","y":"node_id"}"#, "yes"),
    ])
    func `the value is found`(text: String, value: String) { #expect(scan(text) == value) }

    @Test(arguments: [
        "", " ", "{", "{}", "[]", "\"host_name\"", "1", #"["host_name","a"]"#, #"{"x":1}"#, #"{"host_name"}"#,
        #"{"host_name":}"#, #"{"host_name":1}"#, #"{"host_name":null}"#, #"{"host_name":{"a":"b"}}"#,
        #"{"host_name":"a"#, #"{"host_name":"a\u0062"}"#, #"{"host\u005fname":"a"}"#,
        #"{"x\\":1,"host_name":"a","y":1}"#,
        #"{"host_name":"a\"b"}"#, #"{"host_name":"a\\"}"#, #"{"x":"host_name":"a"}"#, #"{"x":"a\"}"#,
        #"{"x":[1,2"#, #"{"x":1 "host_name":"a"}"#, #"{host_name:"a"}"#, #"{,"host_name":"a"}"#,
        #"{"x":{"host_name":"a"}}"#, #"x{"host_name":"a"}"#,
    ])
    func `nothing is found without a member or in an unusual text`(text: String) { #expect(scan(text) == nil) }

    @Test func `the nesting limit counts the object itself`() {
        func nested(_ levels: Int) -> String {
            #"{"x":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
                + #","host_name":"a","y":1}"#
        }
        #expect(scan(nested(31)) == "a")
        #expect(scan(nested(32)) == nil)
    }

    @Test func `no cut, changed or doubled byte makes it trap or return an invalid range`() {
        let text = Array(#"{"a":["\\\"",{"b":"c"}],"n":-1,"host_name":"host","node_id":"node"}"#.utf8)
        var variants = (0...text.count).map { Array(text.prefix($0)) }
        for index in text.indices {
            for byte in UInt8.min ... .max {
                var variant = text
                variant[index] = byte
                variants.append(variant)
            }
            variants.append(Array(text[...index]) + text[index...])
        }
        for variant in variants {
            switch scan(variant) {
            case nil: break
            case .first(let range), .second(let range):
                let isWithin = range.lowerBound >= 0 && range.upperBound < variant.count
                if !isWithin { Issue.record("\(range) of \(variant)") }
            }
        }
    }

    @Test func `it agrees with the parser on valid texts`() throws {
        for text in [#"{"s":"\\\"","host_name":"a"}"#, #"{"s":[[],{}],"node_id":"b","x":1}"#] {
            let json = try JSON.parse(Array(text.utf8).span, sizeLimit: 1024, nestingLimit: 32)
            #expect(scan(text) == (json["host_name"]?.string ?? json["node_id"]?.string.map { "!" + $0 }))
        }
    }
}
