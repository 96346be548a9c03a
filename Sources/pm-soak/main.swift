import Glibc
import TestSupport

/// `pm-soak`: an agent's life in fast motion. `SOAK_SECONDS` is 600 by default, and `PM_TEST_SEED` makes the same choices
/// again.
private func soak() async -> Int32 {
    let seconds = getenv("SOAK_SECONDS").flatMap { Double(String(cString: $0)) } ?? 600
    let seed = Seed.fresh()
    Report.line("soak: \(Int(seconds)) s, \(seed)")
    do {
        let soak = try await Soak(seed: seed)
        return await soak.run(for: .seconds(seconds)) ? 0 : 1
    } catch {
        Report.line("soak: \(error)")
        return 111
    }
}

Interruption.watch()
// By now everything that was started has been taken down: exit(3) would leave it.
exit(await soak())
