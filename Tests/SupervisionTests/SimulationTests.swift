import Supervision
import TestSupport
import Testing

struct SimulationTests {
    @Test func `thousands of random simulations with crashes of the worker break no rule`() {
        // A seed from the environment is that of the first simulation.
        var seed = Seed.fresh()
        var life = seed
        var phases: Set<ProcessLifecycle.Phase> = []
        for _ in 0..<3_000 {
            var simulation = Simulation(life)
            if let broken = simulation.live(events: 150) {
                Issue.record("\(broken)\n\(life) swift test --disable-xctest --filter SimulationTests")
                return
            }
            phases.formUnion(simulation.seen)
            life = Seed(seed.next())
        }
        #expect(phases == Set(ProcessLifecycle.Phase.allCases), "all phases were reached")
    }
}
