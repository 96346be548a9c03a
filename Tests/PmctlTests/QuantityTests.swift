import Testing

@testable import pmctl

struct QuantityTests {
    @Test(
        arguments: [
            (-3, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (252, "4m 12s"), (7_500, "2h 5m"), (86_400, "1d"),
            (273_900, "3d 4h"), (.infinity, "-"),
        ] as [(Double, String)])
    func durations(seconds: Double, text: String) { #expect(Quantity.duration(seconds) == text) }

    @Test(
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_610_612_736, "1.5 GiB"), (1e16, "9094.9 TiB"),
        ] as [(Double, String)])
    func bytes(count: Double, text: String) { #expect(Quantity.bytes(count) == text) }

    @Test(
        arguments: [(0, "0.00"), (0.055, "0.06"), (12.5, "12.50"), (-0.5, "-0.50"), (.nan, "-")] as [(Double, String)])
    func decimals(value: Double, text: String) { #expect(Quantity.decimal(value, places: 2) == text) }

    @Test func `seconds keep their fraction`() {
        #expect(Quantity.seconds(10) == "10 s")
        #expect(Quantity.seconds(0.5) == "0.5 s")
    }

    @Test func `a signal is described by its effect`() {
        #expect(Quantity.signal(9) == "killed")
        #expect(Quantity.signal(15) == "terminated")
    }
}
