import JSONCodec
import TestSupport
import Testing

/// Random texts: the codec and the independent parser ``Judge`` must agree.
struct RandomTextTests {
    private static let seeds: [String] = [
        #"{"start_process":{"path":"/bin/sleep","args":["1","é"]},"id":"x","timestamp":1.5e9}"#,
        #"[0,-1,1.25,1e9,true,false,null,"\u00e9\n\"",{"a":[{}]}]"#,
        #"{"method":"kill_process","args":{"process_id":"a-1"},"reply_to":"a/b"}"#,
    ]
    private static let alphabet = Array("{}[]:,\"\\/bfnrtu0123456789aAeE+-. \t\n\0\u{7f}é€😀truefalsn".utf8)

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        (try? JSON.parse(bytes.span, sizeLimit: 1 << 16, nestingLimit: 32)) != nil
    }

    @Test func `modified texts are accepted exactly if the judge accepts them`() {
        var seed = Seed.fresh()
        let name = seed.description
        var accepted = 0
        for number in 0..<60_000 {
            var bytes = Array(Self.seeds[number % Self.seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &seed) { Self.change(&bytes, &seed) }
            let verdict = Judge.accepts(bytes)
            accepted += verdict ? 1 : 0
            guard !(isAccepted(bytes) != verdict) else {
                Issue.record("\(bytes), judge: \(verdict), \(name)")
                return
            }
        }
        #expect(accepted > 1_000)
    }

    @Test func `random sequences of JSON's characters are accepted exactly if the judge accepts them`() {
        var seed = Seed.fresh()
        let name = seed.description
        for _ in 0..<60_000 {
            let count = Int.random(in: 0...12, using: &seed)
            let bytes = (0..<count).map { _ in Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &seed)] }
            let verdict = Judge.accepts(bytes)
            guard !(isAccepted(bytes) != verdict) else {
                Issue.record("\(bytes), judge: \(verdict), \(name)")
                return
            }
        }
    }

    @Test func `random values round-trip`() throws {
        var seed = Seed.fresh()
        let name = seed.description
        for _ in 0..<5_000 {
            let value = Self.value(depth: 5, &seed)
            let back = try JSON.parse(value.printed().span, sizeLimit: 1 << 24, nestingLimit: 32)
            guard !(back != value) else {
                Issue.record("\(value), \(name)")
                return
            }
        }
    }

    private static func change(_ bytes: inout [UInt8], _ seed: inout Seed) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &seed)
        let byte =
            Bool.random(using: &seed)
            ? alphabet.randomElement(using: &seed) ?? 0 : UInt8.random(in: 0...255, using: &seed)
        switch Int.random(in: 0..<5, using: &seed) {
        case 0 where !bytes.isEmpty: bytes[place] = byte
        case 1 where !bytes.isEmpty: bytes.remove(at: place)
        case 2: bytes.removeLast(min(bytes.count, Int.random(in: 0...4, using: &seed)))
        case 3 where !bytes.isEmpty: bytes.insert(contentsOf: bytes[place...].prefix(5), at: place)
        default: bytes.insert(byte, at: min(place, bytes.count))
        }
    }

    private static func value(depth: Int, _ seed: inout Seed) -> JSON {
        switch Int.random(in: 0..<(depth == 0 ? 4 : 6), using: &seed) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &seed))
        case 2:
            let value = Double(bitPattern: seed.next())
            return .number(value.isFinite ? value : Double(Int64(bitPattern: seed.next())))
        case 3: return .string(text(&seed))
        case 4: return .array((0..<Int.random(in: 0...4, using: &seed)).map { _ in value(depth: depth - 1, &seed) })
        default:
            let count = Int.random(in: 0...4, using: &seed)
            return .object((0..<count).map { .init("\($0)" + text(&seed), value(depth: depth - 1, &seed)) })
        }
    }

    private static func text(_ seed: inout Seed) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...8, using: &seed) {
            let top: UInt32 = Bool.random(using: &seed) ? 0x80 : 0x11_0000
            if let scalar = Unicode.Scalar(UInt32.random(in: 1..<top, using: &seed)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
