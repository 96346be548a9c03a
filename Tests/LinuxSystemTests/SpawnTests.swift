import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// What a child gets from its plan.
    @Suite struct SpawnTests {
        /// Printed, so that a skipped test is not mistaken for a passed one.
        static let isRoot: Bool = {
            if geteuid() != 0 { print("not root: tests that need root are skipped") }
            return geteuid() == 0
        }()

        @Test func `limits are set for the child, soft and hard`() throws {
            let limits = try Run.output(of: "cat /proc/self/limits") { plan in
                plan.openFiles = 123
                plan.coreSize = 4096
                plan.dataSize = 987_654_144
            }
            for line in ["Max open files 123 123", "Max core file size 4096 4096", "Max data size 987654144 987654144"]
            {
                #expect(Self.squeezed(limits).contains(line), "\(limits)")
            }
        }

        @Test func `without limits in its plan a child has the limits that this program was started with`() throws {
            let own = Self.squeezed(
                try String(decoding: FileSystem.read("/proc/self/limits", limit: 1 << 16), as: UTF8.self))
            let limits = Self.squeezed(try Run.output(of: "cat /proc/self/limits"))
            for name in ["Max open files", "Max core file size", "Max data size", "Max file locks"] {
                let line = try #require(own.split(separator: "\n").first { $0.hasPrefix(name) })
                #expect(limits.contains(line))
            }
        }

        @Test func `a launch without a cgroup marks the child and its descendants`() throws {
            var options = SpawnOptions()
            options.launch = 77
            let limits = Self.squeezed(try Run.output(of: "(cat /proc/self/limits; true)", options: options))
            let mark = (UInt64(1) << 62) + 77
            #expect(limits.contains("Max file locks \(mark) \(mark)"))
        }

        @Test func `umask and niceness are set for the child`() throws {
            let script = "umask; nice; cut -d' ' -f19 /proc/self/stat"
            let text = try Run.output(of: script) { plan in
                plan.umask = 0o027
                plan.nice = 7
            }
            #expect(text == "0027\n7\n7\n")
        }

        @Test(.enabled(if: isRoot)) func `an account is set for the child, with its groups and no others`() throws {
            let nobody = try Account.find(user: "nobody", group: nil)
            let text = try Run.output(of: "grep -E '^(Uid|Gid|Groups|CapEff)' /proc/self/status") { plan in
                plan.account = nobody
                plan.nice = -3
            }
            let groups = nobody.groups.map(String.init).joined(separator: " ")
            #expect(
                Self.squeezed(text) == """
                    Uid: \(nobody.user) \(nobody.user) \(nobody.user) \(nobody.user)
                    Gid: \(nobody.group) \(nobody.group) \(nobody.group) \(nobody.group)
                    Groups: \(groups)
                    CapEff: 0000000000000000

                    """)
        }

        @Test func `extra descriptors get their numbers, even if those are in use`() throws {
            let pipes = [Pipe(), Pipe(), Pipe()]
            var options = SpawnOptions()
            // The requested numbers are in use, even by each other.
            let numbers = pipes.map { $0.writeEnd }
            options.extras = [(numbers[0], numbers[1]), (numbers[1], numbers[0]), (numbers[2], 4000)]
            let script = """
                for fd in \(numbers[0]) \(numbers[1]) 4000; do echo "to $fd" >/proc/self/fd/$fd; done
                ls /proc/self/fd | sort -n | tr '\\n' ' '
                """
            let text = try Run.output(of: script, options: options)
            let found = Set(text.split(separator: " ").compactMap { Int32($0) })
            // One more, because ls has /proc/self/fd open.
            #expect(found.isSuperset(of: [0, 1, 2, numbers[0], numbers[1], 4000]) && found.count == 7, "\(text)")
            let texts = pipes.map { $0.text() }
            #expect(texts == ["to \(numbers[1])\n", "to \(numbers[0])\n", "to 4000\n"])
        }

        static func squeezed(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            }.joined(separator: "\n")
        }
    }
}
