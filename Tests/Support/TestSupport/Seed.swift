import Glibc

/// Reproducible random numbers: SplitMix64 (Steele, Lea, Flood 2014).
///
/// A test uses a fresh seed and prints it on failure. `PM_TEST_SEED` in the environment sets the seed, to repeat a
/// test.
package struct Seed: RandomNumberGenerator, Sendable, CustomStringConvertible {
    package let description: String
    private var state: UInt64

    package init(_ seed: UInt64) {
        state = seed
        description = "PM_TEST_SEED=\(seed)"
    }

    package static func fresh() -> Seed {
        let given = getenv("PM_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
        return Seed(given ?? UInt64.random(in: 0 ... .max))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
