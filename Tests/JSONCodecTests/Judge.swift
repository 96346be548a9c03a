/// An independent parser for RFC 8259, used for comparison: a simple and slow recursive descent.
struct Judge {
    private var rest: Substring.UnicodeScalarView
    private var isBroken = false

    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var judge = Judge(rest: text[...].unicodeScalars)
        judge.space()
        judge.value(depth: 0)
        judge.space()
        return !judge.isBroken && judge.rest.isEmpty
    }

    private mutating func take(_ scalars: String) -> Unicode.Scalar? {
        guard let first = rest.first, scalars.unicodeScalars.contains(first) else { return nil }
        return rest.removeFirst()
    }

    private mutating func need(_ text: String) {
        for scalar in text.unicodeScalars where take(String(scalar)) == nil { isBroken = true }
    }

    private mutating func space() { while take(" \t\n\r") != nil {} }

    private mutating func value(depth: Int) {
        guard !isBroken, let first = rest.first else { return isBroken = true }
        switch first {
        case "{": container("{", "}", depth) { $0.member(depth: depth + 1) }
        case "[": container("[", "]", depth) { $0.value(depth: depth + 1) }
        case "\"": _ = string()
        case "t": need("true")
        case "f": need("false")
        case "n": need("null")
        default: number()
        }
    }

    private var keys: [Set<[Unicode.Scalar]>] = []

    private mutating func container(_ open: String, _ close: String, _ depth: Int, _ element: (inout Judge) -> Void) {
        if depth >= 32 { isBroken = true }
        need(open)
        keys.append([])
        defer { keys.removeLast() }
        space()
        if take(close) != nil { return }
        repeat {
            space()
            element(&self)
            space()
        } while take(",") != nil && !isBroken
        need(close)
    }

    private mutating func member(depth: Int) {
        let key = string()
        if !keys[keys.count - 1].insert(key).inserted { isBroken = true }
        space()
        need(":")
        space()
        value(depth: depth)
    }

    private mutating func string() -> [Unicode.Scalar] {
        var text: [Unicode.Scalar] = []
        need("\"")
        while !isBroken, let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return text
            case "\\": if let scalar = escape() { text.append(scalar) } else { isBroken = true }
            case _ where scalar.value < 0x20: isBroken = true
            default: text.append(scalar)
            }
        }
        isBroken = true
        return text
    }

    private mutating func escape() -> Unicode.Scalar? {
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let letter = rest.popFirst() else { return nil }
        guard letter == "u" else { return plain[letter] }
        guard let high = unit(), high != 0 else { return nil }
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, take("\\") != nil, take("u") != nil, let low = unit(), (0xDC00...0xDFFF).contains(low)
        else {
            return nil
        }
        return Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) * 0x400 + UInt32(low) - 0xDC00)
    }

    private mutating func unit() -> UInt16? {
        var digits = ""
        for _ in 0..<4 {
            guard let digit = take("0123456789abcdefABCDEF") else { return nil }
            digits.unicodeScalars.append(digit)
        }
        return UInt16(digits, radix: 16)
    }

    private mutating func number() {
        _ = take("-")
        if take("0") == nil { digits() }
        if take(".") != nil { digits() }
        if take("eE") != nil {
            _ = take("+-")
            digits()
        }
    }

    private mutating func digits() {
        if take("0123456789") == nil { isBroken = true }
        while take("0123456789") != nil {}
    }

    private init(rest: Substring.UnicodeScalarView) { self.rest = rest }
}
