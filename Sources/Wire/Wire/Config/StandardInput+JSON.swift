package import JSONCodec
package import Model

extension StandardInput {
    /// Decodes a text, or `{"open":true}`; nil, which means empty input, for `{"open":false}`.
    init?(_ field: Field) throws(Failure) {
        guard field.json.members != nil else {
            self = .text(try field.string(bytes: 0...Limits.payload))
            return
        }
        let (_, open) = try field.object(of: ["open"]).only(of: ["open"])
        guard try open.bool() else { return nil }
        self = .open
    }

    package var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .open: ["open": true]
        }
    }
}
