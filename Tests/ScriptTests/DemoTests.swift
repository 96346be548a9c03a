import Glibc
import TestSupport
import Testing

/// `make demo` and `make demo-secure` without the build.
@Suite struct DemoTests {
    @Test func `the secure demo shows the rights of each role and ends everything that it started`() async throws {
        let binaries = try Binaries.agent.dropLast("/pm-agent".count)
        let shell = Shell(folder: try TemporaryFolder(), environment: ["PM_DEMO_HOST=secure-\(getpid())"])
        let output = try await shell.run(["\(Shell.root)/scripts/demo-secure.sh", String(binaries)])
        for text in [
            "\nolive$ ", "\"list_active_processes\":{\"pids\":[", "Not authorized", "not authorized: user mia, client ",
            "not authorized: user olive, client ",
            "client id of another host's agent", "the broker's certificate is refused: ",
            "\nEverything is taken down again\n",
        ] {
            #expect(output.contains(text), "\(output)")
        }
        let left = try await shell.run(["/bin/sh", "-c", "pgrep -fa '[s]ecure-\(getpid())' || true"])
        #expect(!left.contains("pm-agent"), "\(left)")
    }

    @Test func `the demo shows processes, a node and a VM and ends everything that it started`() async throws {
        let binaries = try Binaries.agent.dropLast("/pm-agent".count)
        let shell = Shell(folder: try TemporaryFolder(), environment: ["PM_DEMO_HOST=demo-\(getpid())"])
        let output = try await shell.run(["\(Shell.root)/scripts/demo.sh", String(binaries)])
        for text in [
            "process started successfully", "hello from a process", "unknown host", "\"health\":\"good\"",
            "node started successfully", "\nhello from a node\n", "Node kill successfully",
        ] {
            #expect(output.contains(text), "\(output)")
        }
        if VMSupport.obstacle == nil {
            for text in ["\nhello from Linux ", "\nand to the console\n", "process kill successfully"] {
                #expect(output.contains(text), "\(output)")
            }
        } else {
            #expect(output.contains("This host cannot run VMs: "), "\(output)")
        }
        // The command lines of its agent, node, VM and their processes contain the name of the demo's host.
        let left = try await Shell(folder: shell.folder, environment: []).run([
            "/bin/sh", "-c", "pgrep -fa '[d]emo-\(getpid())' || true",
        ])
        #expect(left.isEmpty, "\(left)")
    }
}
