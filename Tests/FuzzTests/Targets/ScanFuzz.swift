import JSONCodec
import Model

/// If the hub's scan and the parser both find a host name, they find the same one.
enum ScanFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let match = TopLevelScan.string("host_name", or: "node_id", in: bytes.span, nestingLimit: Limits.nesting)
        let found: (key: String, range: Range<Int>)? =
            switch match {
            case .first(let range): ("host_name", range)
            case .second(let range): ("node_id", range)
            case nil: nil
            }
        if let found {
            try hold(bytes.indices.contains(found.range.lowerBound), "it begins outside the text")
            try hold(found.range.upperBound < bytes.count, "it ends outside the text")
            try hold(bytes[found.range.upperBound] == UInt8(ascii: "\""), "it does not end with a quote")
        }
        guard let json = JSON.read(bytes), json.members != nil else { return }
        guard let found else {
            return try hold(!isPlain(json, bytes), "a plain name is not found")
        }
        let value = try need(json[found.key]?.string, "\(found.key) is found but does not exist")
        try hold(value.utf8.elementsEqual(bytes[found.range]), "\(found.key) is \(value), but something else is found")
    }

    /// Whether the scan must find the name, because the text contains nothing that it leaves to the parser.
    private static func isPlain(_ json: JSON, _ bytes: [UInt8]) -> Bool {
        !bytes.contains(UInt8(ascii: "\\")) && ["host_name", "node_id"].contains { json[$0] != nil }
            && ["host_name", "node_id"].allSatisfy { json[$0] == nil || json[$0]?.string != nil }
    }
}
