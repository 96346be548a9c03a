import Glibc
import TestSupport

/// `pm-soak`: an agent's life in fast motion. `SOAK_SECONDS` is 600 by default, and `PM_TEST_SEED` makes the same choices
/// again. `pm-soak chaos`: the same of a fleet whose network, disks, clocks and limits fail, for `CHAOS_SECONDS` (300).
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
// By now everything that was started has been taken down: exit(3) would leave it.
exit(await soak())
