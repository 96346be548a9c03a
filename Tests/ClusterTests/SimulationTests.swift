import Cluster
import TestSupport
import Testing

struct SimulationTests {
    @Test func `in thousands of random simulations, the instance ends up running or completely removed`() {
        // A seed from the environment is used for the first simulation.
        var seed = Seed.fresh()
        var life = seed
        var phases: Set<InstanceLifecycle.Phase> = []
        for _ in 0..<5_000 {
            var simulation = Simulation(life)
            if let broken = simulation.live(events: 120) {
                Issue.record("\(broken)\n\(life) swift test --disable-xctest --filter ClusterTests.SimulationTests")
                return
            }
            phases.formUnion(simulation.seen)
            life = Seed(seed.next())
        }
        #expect(phases == Set(InstanceLifecycle.Phase.allCases), "all phases were reached")
    }
}
