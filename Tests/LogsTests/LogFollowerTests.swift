import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

struct LogFollowerTests {
    /// A follower with a clock that only the test moves, and what it published.
    private struct Setting {
        var now = Instant(nanoseconds: 0)
        var follower: LogFollower
        var messages: [String] = []

        init(rate: Int = Limits.followRate) {
            follower = LogFollower(until: now + .seconds(60), rate: rate, now: now)
        }

        mutating func add(_ text: String) {
            follower.add(Array(text.utf8)[...], now: now) { messages.append(String(decoding: $0, as: UTF8.self)) }
        }

        mutating func flush() {
            follower.flush(now: now) { messages.append(String(decoding: $0, as: UTF8.self)) }
        }

        mutating func finish() {
            follower.finish(now: now) { messages.append(String(decoding: $0, as: UTF8.self)) }
        }
    }

    @Test func `whole lines are published together`() {
        var setting = Setting()
        setting.add("one\ntw")
        setting.add("o\nthr")
        #expect(setting.messages.isEmpty && setting.follower.isWaiting)
        setting.flush()
        #expect(setting.messages == ["one\ntwo\n"] && !setting.follower.isWaiting)
        setting.flush()
        setting.finish()
        #expect(setting.messages == ["one\ntwo\n", "thr"])
    }

    @Test func `a message is full when the next line does not fit`() {
        var setting = Setting()
        let line = String(repeating: "x", count: 999) + "\n"
        for _ in 0..<40 { setting.add(line) }
        #expect(setting.messages.map(\.utf8.count) == [16_000, 16_000])
        setting.flush()
        #expect(setting.messages.joined() == String(repeating: line, count: 40))
    }

    @Test func `a line is cut at the size of a message`() {
        var setting = Setting()
        let longest = String(repeating: "x", count: Limits.followMessage - 1) + "\n"
        setting.add(longest + "a\n")
        setting.finish()
        #expect(setting.messages == [longest, "a\n"])
        setting.messages = []
        for _ in 0..<3 { setting.add(String(repeating: "y", count: Limits.followMessage)) }
        setting.add("y\nb\n")
        setting.finish()
        #expect(setting.messages.map(\.utf8.count) == [Limits.followMessage, 2])
        #expect(setting.messages[0].hasSuffix("yyy [pmqtt: cut]\n") && setting.messages[1] == "b\n")
    }

    @Test func `lines beyond the rate are left out, and counted in a notice`() throws {
        var setting = Setting()
        let lines = numberedLines(0..<50_000)
        setting.add(lines)
        setting.flush()
        let shown = setting.messages.joined()
        #expect(lines.hasPrefix(shown) && shown.hasSuffix("\n"))
        #expect(shown.utf8.count <= Limits.followBurst && shown.utf8.count > Limits.followBurst - 100)
        let left = 50_000 - shown.split(separator: "\n").count
        // A little later there is still no room for a whole message, and single lines would not help.
        setting.now = setting.now + .milliseconds(10)
        setting.add("left out\n")
        #expect(setting.follower.isWaiting)
        setting.messages = []
        setting.flush()
        #expect(setting.messages.isEmpty)
        setting.now = setting.now + .seconds(1)
        setting.add("shown\n")
        setting.flush()
        #expect(setting.messages == ["[pmqtt: \(left + 1) lines not shown]\nshown\n"])
    }

    @Test func `the number of lines left out is published when nothing follows`() {
        var setting = Setting()
        setting.add(String(repeating: "0123456\n", count: Limits.followBurst / 8 + 5))
        setting.messages = []
        setting.now = setting.now + .seconds(1)
        setting.flush()
        #expect(setting.messages.last?.hasSuffix("[pmqtt: 5 lines not shown]\n") == true)
        #expect(!setting.follower.isWaiting)
    }

    @Test func `a long flood stays below the rate, and no line is torn`() {
        var setting = Setting()
        let second = numberedLines(0..<20_000)
        for _ in 0..<30 {
            setting.add(second)
            setting.flush()
            setting.now = setting.now + .seconds(1)
        }
        let bytes = setting.messages.reduce(0) { $0 + $1.utf8.count }
        let most = Limits.followBurst + 30 * Limits.followRate
        #expect(bytes <= most + 30 * 100 && bytes > most * 9 / 10)
        #expect(setting.messages.allSatisfy { $0.utf8.count <= Limits.followMessage && $0.hasSuffix("\n") })
        let known = Set(second.split(separator: "\n"))
        for message in setting.messages {
            for line in message.split(separator: "\n") where !line.hasSuffix(" lines not shown]") {
                #expect(known.contains(line))
            }
        }
    }

    @Test func `at the slowest rate, lines after a flood are shown in the end`() {
        var setting = Setting(rate: 1_024)
        setting.add(numberedLines(0..<20_000))
        setting.flush()
        let shown = setting.messages.count
        setting.now = setting.now + .seconds(16)
        setting.add("shown\n")
        setting.flush()
        #expect(setting.messages.count == shown + 1 && setting.messages.last?.hasSuffix("shown\n") == true)
    }

    @Test func `a follower expires unless it is renewed`() {
        var follower = LogFollower(until: Instant(nanoseconds: 10), now: Instant(nanoseconds: 0))
        #expect(!follower.hasExpired(at: Instant(nanoseconds: 9)))
        #expect(follower.hasExpired(at: Instant(nanoseconds: 10)))
        follower.renew(until: Instant(nanoseconds: 20))
        follower.renew(until: Instant(nanoseconds: 5))
        #expect(follower.expiry == Instant(nanoseconds: 20))
    }
}
