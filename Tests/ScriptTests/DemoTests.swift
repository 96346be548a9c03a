import Glibc
import TestSupport
import Testing

/// `make demo` without the build.
@Suite struct DemoTests {
    @Test func `the demo walks through the main job and takes everything down`() throws {
        let binaries = try Binaries.agent.dropLast("/pm-agent".count)
        let shell = Shell(folder: try TemporaryFolder(), environment: ["PM_DEMO_HOST=demo-\(getpid())"])
        let output = try shell.run(["\(Shell.root)/scripts/demo.sh", String(binaries)])
        for text in ["process started successfully", "hello from a process", "unknown host", "\"health\":\"good\""] {
            #expect(output.contains(text), "\(output)")
        }
        // Its agent and its children name the demo's folder or host; none is left.
        #expect(try shell.run(["/bin/sh", "-c", "pgrep -f '[h]ost demo-\(getpid()) ' || true"]).isEmpty)
    }
}
