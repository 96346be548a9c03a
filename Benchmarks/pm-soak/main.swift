import Glibc
import TestSupport

/// `pm-soak`: random requests and faults for one agent, for `SOAK_SECONDS` (600 by default). `PM_TEST_SEED` repeats the
/// choices of an earlier run. `pm-soak chaos`: the same for a fleet, with faults of network, disks, clocks and limits,
/// for `CHAOS_SECONDS` (300 by default).
private func soak() async -> Int32 {
    let isChaos = CommandLine.arguments.dropFirst().first == "chaos"
    let name = isChaos ? "chaos" : "soak"
    let wanted = getenv(isChaos ? "CHAOS_SECONDS" : "SOAK_SECONDS").flatMap { Double(String(cString: $0)) }
    let seconds = wanted ?? (isChaos ? 300 : 600)
    let seed = Seed.fresh()
    Report.line("\(name): \(Int(seconds)) s, \(seed)")
    do {
        if isChaos { return try await Chaos(seed: seed).run(for: .seconds(seconds)) ? 0 : 1 }
        return try await Soak(seed: seed).run(for: .seconds(seconds)) ? 0 : 1
    } catch {
        Report.line("\(name): \(error)")
        return 111
    }
}

Interruption.watch()
// All objects are released by now. exit(3) inside `soak()` would leave their child processes running.
exit(await soak())
