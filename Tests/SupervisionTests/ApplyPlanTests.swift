import Model
import Supervision
import Testing

struct ApplyPlanTests {
    private static func name(_ text: String) -> Name { Name(sanitizing: text, fallback: "x") }

    private func spec(_ id: String?, _ word: String = "sleep", needs: [String] = []) -> ProcessSpec {
        var spec = ProcessSpec(name: id.map(Self.name), invocation: .command(words: [word], path: nil))
        spec.dependsOn = needs.map { Dependency(Self.name($0)) }
        return spec
    }

    private func present(_ id: String, _ spec: ProcessSpec, isUp: Bool = true) -> ApplyPlan.Present {
        ApplyPlan.Present(id: Self.name(id), spec: spec, isUp: isUp)
    }

    private func texts(_ plan: ApplyPlan) -> [[String]] {
        [plan.start, plan.reset, plan.remove, plan.leave].map { $0.map(\.description) }
    }

    @Test func `processes are started, reset, removed or left`() {
        let plan = ApplyPlan(
            wanted: [spec("new"), spec("same"), spec("changed", "true"), spec("down")],
            present: [
                present("same", spec("same")), present("changed", spec("changed")),
                present("down", spec("down"), isUp: false), present("old", spec("old")),
            ])
        #expect(texts(plan) == [["new"], ["changed", "down"], ["old"], ["same"]])
    }

    @Test func `any difference of a spec causes a reset`() {
        var changed = spec("a")
        changed.limits.openFiles = 9
        let plan = ApplyPlan(wanted: [changed], present: [present("a", spec("a"))])
        #expect(texts(plan) == [[], ["a"], [], []])
    }

    @Test func `a process that is up is changed in place if possible`() {
        var changed = spec("a")
        changed.stop.signal = 2
        let plan = ApplyPlan(wanted: [changed], present: [present("a", spec("a"))])
        #expect(plan.update.map(\.description) == ["a"] && texts(plan) == [[], [], [], []])
        let down = ApplyPlan(wanted: [changed], present: [present("a", spec("a"), isUp: false)])
        #expect(down.update.isEmpty && texts(down)[1] == ["a"])
    }

    @Test func `a completed process is left alone if others need its completion`() {
        var web = spec("web")
        web.dependsOn = [Dependency(Self.name("migrate"), .completed)]
        func plan(_ wanted: [ProcessSpec], hasCompleted: Bool) -> ApplyPlan {
            let migrate = ApplyPlan.Present(
                id: Self.name("migrate"), spec: spec("migrate"), isUp: false, hasCompleted: hasCompleted)
            return ApplyPlan(wanted: wanted, present: [migrate, present("web", web)])
        }
        #expect(texts(plan([spec("migrate"), web], hasCompleted: true)) == [[], [], [], ["migrate", "web"]])
        #expect(texts(plan([spec("migrate"), web], hasCompleted: false))[1] == ["migrate"])
        #expect(texts(plan([spec("migrate", "true"), web], hasCompleted: true))[1] == ["migrate"])
        #expect(texts(plan([spec("migrate")], hasCompleted: true))[1] == ["migrate"])
    }

    @Test func `started and reset processes follow their dependencies`() {
        let plan = ApplyPlan(
            wanted: [spec("new", needs: ["old"]), spec("old", "true", needs: ["other"]), spec("other")],
            present: [present("old", spec("old"))])
        #expect(plan.bring.map(\.description) == ["other", "old", "new"])
    }

    @Test func `processes in a dependency cycle are reported`() {
        let plan = ApplyPlan(
            wanted: [spec("a", needs: ["b"]), spec("b", needs: ["a"]), spec("c", needs: ["a"])], present: [])
        #expect(plan.circular == [Self.name("a"), Self.name("b")])
    }

    @Test func `a name that the agent chose is not a difference`() {
        let plan = ApplyPlan(wanted: [spec("sleep-1")], present: [present("sleep-1", spec(nil))])
        #expect(texts(plan) == [[], [], [], ["sleep-1"]])
    }

    @Test func `starts are in dependency order, removals in reverse order`() {
        let specs = [spec("web", needs: ["db"]), spec("db", needs: ["disk"]), spec("disk")]
        #expect(texts(ApplyPlan(wanted: specs, present: []))[0] == ["disk", "db", "web"])
        let all = specs.map { present($0.name?.description ?? "", $0) }
        #expect(texts(ApplyPlan(wanted: [], present: all.reversed()))[2] == ["web", "db", "disk"])
        let none = all.map { ApplyPlan.Present(id: $0.id, spec: $0.spec, isUp: false) }
        #expect(texts(ApplyPlan(wanted: specs, present: none))[1] == ["disk", "db", "web"])
    }

    @Test func `without requested and present processes there is nothing to do`() {
        #expect(texts(ApplyPlan(wanted: [], present: [])) == [[], [], [], []])
    }

    @Test func `a second apply finds nothing to do`() {
        let specs = [spec("a"), spec("b", needs: ["a"])]
        let plan = ApplyPlan(wanted: specs, present: specs.map { present($0.name?.description ?? "", $0) })
        #expect(texts(plan) == [[], [], [], ["a", "b"]])
    }
}
