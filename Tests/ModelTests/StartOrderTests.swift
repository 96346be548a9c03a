import Model
import Testing

struct StartOrderTests {
    /// `b:a` stands for the process b, which depends on a.
    private static func specs(_ text: String) throws -> [ProcessSpec] {
        try text.split(separator: " ").map { word in
            let parts = word.split(separator: ":")
            let name = try #require(Name(String(parts[0])))
            var spec = ProcessSpec(name: name, invocation: .program(path: "/bin/true", arguments: []))
            if parts.count == 2 {
                spec.dependsOn = try parts[1].split(separator: ",").map { Dependency(try #require(Name(String($0)))) }
            }
            return spec
        }
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), ("c b a", "c b a"), ("b:a a", "a b"), ("c:b b:a a", "a b c"),
        ("d:b,c c:a b:a a", "a b c d"), ("x b:a a y", "x a b y"),
    ])
    func `each process follows its dependencies`(text: String, order: String) throws {
        let sorted = try StartOrder.sort(Self.specs(text))
        #expect(sorted.map { "\($0.name?.description ?? "")" }.joined(separator: " ") == order)
    }

    @Test(arguments: [
        ("a a", "two processes are named a"), ("a:b", "a depends on b, which is not among the processes"),
        ("a:b b:a", "a depends on itself in a circle"), ("x:c a:b b:c c:a y", "c depends on itself in a circle"),
        ("a:a", "a depends on itself in a circle"),
    ])
    func `a list that can't be started is refused`(text: String, detail: String) throws {
        let specs = try Self.specs(text)
        #expect(throws: Failure(.invalidArgument, detail)) { try StartOrder.sort(specs) }
    }

    @Test func `a long chain of dependencies is reversed`() throws {
        let text = (0..<5_000).map { $0 == 4_999 ? "p\($0)" : "p\($0):p\($0 + 1)" }.joined(separator: " ")
        let names = try StartOrder.sort(Self.specs(text)).compactMap(\.name?.description)
        #expect(names == (0..<5_000).reversed().map { "p\($0)" })
    }
}
