import Glibc
import TestSupport
import Testing

/// Millions of requests, routed and refused, must not leak memory in the broker. `make check-plugin` runs all of them,
/// `make test` fewer.
@Suite(.serialized) struct HubEnduranceTests {
    private static let suppressions =
        #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/scripts/valgrind.suppressions"

    private static func value(_ variable: String) -> String? { getenv(variable).map { String(cString: $0) } }

    private static func requests(_ variable: String, usual: Int) -> Int {
        value(variable).flatMap { Int($0) } ?? usual
    }

    @Test func `the broker does not grow`() async throws {
        try await withHub { broker in
            let count = Self.requests("PM_HUB_REQUESTS", usual: 8_000)
            try await HubTraffic.send(max(2_000, count / 10), broker)
            let before = try broker.residentMemory
            let seconds = try await HubTraffic.send(count, broker)
            let growth = try broker.residentMemory - before
            print("\(Self.rate(count, seconds)), \(growth >> 10) KiB more than \(before >> 10)")
            #expect(growth < 1 << 20)
        }
    }

    /// scripts/check-plugin.sh builds such a plugin and sets the variables to its path and to that of the sanitizer's
    /// runtime.
    @Test(.enabled(if: value("PM_ASAN_PLUGIN") != nil, "make check-plugin"))
    func `AddressSanitizer sees neither an error nor a leak`() async throws {
        let plugin = try #require(Self.value("PM_ASAN_PLUGIN"))
        let runtime = try #require(Self.value("PM_ASAN_RUNTIME"))
        let folder = try TemporaryFolder()
        // A broker without AddressSanitizer can load a plugin with it only if the runtime is preloaded.
        let sanitizer = [
            "/usr/bin/env", "LD_PRELOAD=\(runtime)", "ASAN_OPTIONS=detect_leaks=1:log_path=\(folder.path)/report",
        ]
        let count = Self.requests("PM_HUB_REQUESTS", usual: 8_000)
        try await withHub(plugin, wrapper: sanitizer) { broker in
            let seconds = try await HubTraffic.send(count, broker)
            print("\(Self.rate(count, seconds)) with AddressSanitizer")
            try await broker.stop()
            #expect(broker.log.contains("hub: stopped"))
        }
        let reports = TemporaryFolder.names(in: folder.path).map { folder.read($0) }
        #expect(reports.isEmpty, "\(reports.joined().prefix(20_000))")
    }

    @Test(.enabled(if: access("/usr/bin/valgrind", X_OK) == 0))
    func `valgrind sees neither an error nor a leak`() async throws {
        let folder = try TemporaryFolder()
        let valgrind = [
            "/usr/bin/valgrind", "--leak-check=full", "--show-leak-kinds=definite,possible",
            "--errors-for-leak-kinds=definite", "--num-callers=30",
            "--suppressions=\(Self.suppressions)", "--log-file=\(folder.path)/valgrind",
        ]
        let count = Self.requests("PM_VALGRIND_REQUESTS", usual: 800)
        try await withHub(wrapper: valgrind) { broker in
            let seconds = try await HubTraffic.send(count, broker)
            print("\(Self.rate(count, seconds)) under valgrind")
        }
        let report = folder.read("valgrind")
        #expect(report.contains("ERROR SUMMARY: 0 errors"), "\(report.suffix(20_000))")
        let summary = report.split(separator: "\n").filter { $0.contains(" lost: ") }
        print(summary.joined(separator: "\n"))
        // Swift keeps pointers into the middle of type metadata, which valgrind reports as "possibly lost".
        for kind in ["definitely", "indirectly"] {
            #expect(summary.contains { $0.contains("\(kind) lost: 0 bytes") }, "\(report.suffix(20_000))")
        }
    }

    private static func rate(_ count: Int, _ seconds: Double) -> String {
        "\(count) requests, \(Int(Double(count) / seconds)) a second"
    }

    /// - Parameter plugin: a plugin to load instead of the usual build.
    private func withHub(
        _ plugin: String? = nil, wrapper: [String] = [], _ body: (Broker) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write(HubTraffic.accessList, to: "acl")
        let lines = ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"]
        let load = plugin.map { ["plugin \($0)"] } ?? []
        try await withBroker(.init(hub: plugin == nil, extra: load + lines, wrapper: wrapper), body)
    }
}
