import TestSupport
import Testing

/// `scripts/install.sh` and `scripts/check-symbols.sh`, with the programs under test.
@Suite struct InstallTests {
    private let shell: Shell
    private var folder: String { shell.folder.path }

    init() throws {
        let folder = try TemporaryFolder()
        let bin = try Binaries.agent.dropLast("/pm-agent".count)
        shell = Shell(folder: folder, environment: ["DESTDIR=\(folder.path)/root", "PREFIX=/opt/pm", "BIN=\(bin)"])
    }

    private func install(_ words: String..., environment: [String] = []) async throws -> String {
        let shell = Shell(folder: shell.folder, environment: shell.environment + environment)
        return try await shell.run(["\(Shell.root)/scripts/install.sh"] + words)
    }

    private func files() async throws -> String {
        try await shell.run(["/bin/sh", "-c", "cd \(folder)/root && find . | sort"])
    }

    @Test func `no program needs a newer glibc than Ubuntu 22.04 has, or a Swift toolchain`() async throws {
        let bin = String(try Binaries.agent.dropLast("/pm-agent".count))
        let output = try await shell.run(["\(Shell.root)/scripts/check-symbols.sh", bin])
        #expect(output.split(separator: "\n").count == 7, "\(output)")
        let refusal = try await shell.run(["\(Shell.root)/scripts/check-symbols.sh", bin, "2.17"], exitCode: 1)
        #expect(refusal.contains("pm-agent needs glibc 2."), "\(refusal)")
    }

    @Test func `an uninstallation leaves nothing, and changed settings only without PURGE`() async throws {
        _ = try await shell.run(["mkdir", "-p", "\(folder)/root/etc", "\(folder)/root/opt/pm/bin"])
        let before = try await files()
        #expect(try await install("install").isEmpty)
        let installed = try await files()
        for path in [
            "opt/pm/bin/pmctl", "opt/pm/sbin/pmqtt-user", "opt/pm/lib/systemd/system/pmqtt-agent.service",
            "opt/pm/share/pmqtt/broker/mosquitto.conf", "opt/pm/lib/sysusers.d/pmqtt-agent.conf",
            "etc/pmqtt/agent.json",
            "opt/pm/share/bash-completion/completions/pmctl", "opt/pm/share/zsh/site-functions/_pmctl",
        ] {
            #expect(installed.contains("./\(path)\n"), "\(path)")
        }
        #expect(try await install("install").isEmpty)
        #expect(try await files() == installed)
        #expect(try await install("uninstall").isEmpty)
        #expect(try await files() == before)

        #expect(try await install("install").isEmpty)
        try shell.folder.write("{}", to: "root/etc/pmqtt/agent.json")
        #expect(try await install("install").isEmpty)
        #expect(shell.folder.read("root/etc/pmqtt/agent.json") == "{}")
        #expect(try await install("uninstall").contains("/etc/pmqtt/agent.json was changed and stays"))
        #expect(try await files() == before.replacing("./etc\n", with: "./etc\n./etc/pmqtt\n./etc/pmqtt/agent.json\n"))
        #expect(try await install("install").isEmpty)
        #expect(try await install("uninstall", environment: ["PURGE=1"]).isEmpty)
        #expect(try await files() == before)
    }

    @Test func `every path of an installed file is below PREFIX`() async throws {
        #expect(try await install("install").isEmpty)
        let output = try await shell.run(
            [
                "grep", "-rlI", "--exclude-dir=doc", "/usr/local", "\(folder)/root/opt/pm/lib", "\(folder)/root/etc",
                "\(folder)/root/opt/pm/share",
            ], exitCode: 1)
        #expect(output.isEmpty, "\(output)")
        let unit = shell.folder.read("root/opt/pm/lib/systemd/system/pmqtt-agent.service")
        #expect(unit.contains("ExecStart=/opt/pm/bin/pm-agent --config /etc/pmqtt/agent.json"))
        #expect(
            shell.folder.read("root/opt/pm/share/pmqtt/broker/mosquitto.conf").contains(
                "plugin /opt/pm/lib/pmqtt/libpm_hub.so"))
    }

    @Test func `an older version's file that is no longer installed is removed`() async throws {
        #expect(try await install("install").isEmpty)
        let list = "root/opt/pm/lib/pmqtt/files"
        try shell.folder.write(shell.folder.read(list) + "/opt/pm/bin/former\n", to: list)
        try shell.folder.write("", to: "root/opt/pm/bin/former")
        #expect(try await install("install").isEmpty)
        #expect(try await !files().contains("former") && !shell.folder.read(list).contains("former"))
    }
}
