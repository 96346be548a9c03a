import Model
import TestSupport
import Testing

struct HostSelectorTests {
    private static let fleet: [(name: String, labels: [String: String])] = [
        ("edge-1", ["rack": "7", "site": "north"]), ("edge-2", ["rack": "8"]), ("edge-13", ["rack": "7"]),
        ("box", ["site": "north"]), ("lab", [:]), ("a", ["k": "x=y", "": "e", "r,s": "1"]),
    ]

    private static func selected(_ selector: HostSelector) -> [String] {
        fleet.filter { host in
            guard let name = HostName(host.name) else { return false }
            return selector.matches(name, labels: host.labels.map { Label(name: $0, value: $1) })
        }.map(\.name)
    }

    @Test(
        arguments: [
            ("edge-*,rack=7,!edge-13", ["edge-1"]),
            ("edge-*", ["edge-1", "edge-2", "edge-13"]), ("edge-?", ["edge-1", "edge-2"]),
            ("box,lab", ["box", "lab"]), ("box", ["box"]), ("nix", []), ("*", fleet.map(\.name)),
            // Labels narrow, also without a term for names.
            ("rack=7", ["edge-1", "edge-13"]), ("rack=7,site=north", ["edge-1"]),
            ("rack=[0-7]", ["edge-1", "edge-13"]),
            ("edge-1,edge-2,rack=8", ["edge-2"]), ("rack=*", ["edge-1", "edge-2", "edge-13"]),
            // These hold for hosts without the label, too.
            ("rack!=7", ["edge-2", "box", "lab", "a"]), ("!rack=7", ["edge-2", "box", "lab", "a"]),
            ("edge-*,rack!=7", ["edge-2"]), ("!rack!=7", ["edge-1", "edge-13"]),
            ("!edge-*", ["box", "lab", "a"]), ("!edge-*,!lab", ["box", "a"]), ("edge-*,!edge-*", []),
            // The first = separates; keys are literal; an empty value is a value.
            ("k=x=y", ["a"]), ("k=x=z", []), ("ra*k=7", []), ("k=", []), ("rack=", []),
            // Inside sets nothing separates.
            ("[a,b]*", ["box", "a"]), ("edge-[!=13]", ["edge-2"]), ("[=]", []),
            ("  edge-1 ,  lab ", ["edge-1", "lab"]), ("EDGE-1", []),
        ] as [(String, [String])])
    func `a selector matches by name and label`(text: String, hosts: [String]) throws {
        #expect(Self.selected(try HostSelector(text)) == hosts)
    }

    @Test(arguments: [
        ("", "empty term"), (",", "empty term"), ("a,", "empty term"), (",a", "empty term"), ("a, ,b", "empty term"),
        ("!", "empty term"), ("! ", "empty term"), ("a,!", "empty term"), ("[", "without its ]"),
        ("a[b", "without its ]"), ("rack=[7", "without its ]"), ("[a,b", "without its ]"), ("!!a", "two !"),
        ("=7", "without a label"), ("!=7", "without a label"), ("a,!!=7", "two !"), ("[z-a]", "empty"),
    ])
    func `a selector with an error is refused`(text: String, reason: String) {
        let error = #expect(throws: Failure.self) { try HostSelector(text) }
        #expect(error?.code == .invalidArgument && error?.detail.contains(reason) == true, "\(error?.detail ?? "")")
    }

    @Test func `64 terms are accepted and 65 are not`() throws {
        func selector(_ count: Int) -> String { Array(repeating: "a", count: count).joined(separator: ",") }
        #expect(Self.selected(try HostSelector(selector(64))) == ["a"])
        #expect(throws: Failure.self) { try HostSelector(selector(65)) }
    }

    @Test(arguments: ["edge-1", "a.b_c-d", "é", "a b", ""]) func `a name is no selector`(text: String) {
        #expect(!HostSelector.isSelector(text))
    }

    @Test(arguments: Array("*?[],!=")) func `a character that no name has makes a selector`(character: Character) {
        #expect(HostSelector.isSelector("a\(character)"))
        #expect(HostName("a\(character)") == nil)
    }

    @Test func `names that are written out are known`() throws {
        let selector = try HostSelector("box,edge-*,nix,!lab,rack=7")
        #expect(selector.plainNames == ["box", "nix"] && !selector.isAnyName)
        #expect(try HostSelector("rack=7,!box").isAnyName)
    }

    @Test func `a name is a selector of one host`() throws {
        #expect(Self.selected(HostSelector(try #require(HostName("edge-1")))) == ["edge-1"])
    }

    /// Compares random selectors with the rule of the documentation, written down once more.
    @Test func `random selectors match by the rule`() throws {
        var generator = Seed.fresh()
        let names = ["edge-1", "box", "lab", "nix"]
        let labels = [("rack", "7"), ("rack", "8"), ("site", "north")]
        for _ in 0..<2_000 {
            var text: [String] = []
            var wanted: [String] = []
            var required: [(key: String, value: String, isOther: Bool)] = []
            var excluded: [String] = []
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let name = names.randomElement(using: &generator) ?? ""
                let (key, value) = labels.randomElement(using: &generator) ?? ("", "")
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    text.append(name)
                    wanted.append(name)
                case 1:
                    text.append("!\(name)")
                    excluded.append(name)
                case let number:
                    text.append("\(key)\(number == 2 ? "=" : "!=")\(value)")
                    required.append((key, value, number == 3))
                }
            }
            let expected = Self.fleet.filter { host in
                (wanted.isEmpty || wanted.contains(host.name)) && !excluded.contains(host.name)
                    && required.allSatisfy { (host.labels[$0.key] == $0.value) != $0.isOther }
            }.map(\.name)
            let joined = text.joined(separator: ",")
            #expect(Self.selected(try HostSelector(joined)) == expected, "\(joined), \(generator)")
        }
    }
}
