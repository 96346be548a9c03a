import Glibc
import TestSupport

/// A VM that boots Debian's systemd under QEMU (`scripts/systemd-image.sh`), with a broker of its own. In /usr/local are
/// the packages under test, and in /usr/local/next the same packages with a newer version.
///
/// Its second serial port runs each line that it gets as a shell command and prints the output and `#` with the exit
/// code; ``sh(_:mayFail:)`` uses it.
final class SystemdGuest {
    private static let image = "\(root)/.build/systemd-image"
    private static var root: String { String(#filePath.dropLast("/Tests/SystemdTests/SystemdGuest.swift".count)) }

    static let obstacle: String? = {
        var obstacle: String?
        if access("\(image)/inputs", R_OK) != 0 { obstacle = "no \(image) (make systemd-image)" }
        if access("/usr/bin/qemu-system-x86_64", X_OK) != 0 { obstacle = "qemu-system-x86_64 can't be installed here" }
        if access("/usr/bin/dh", X_OK) != 0 { obstacle = "debhelper can't be installed here" }
        if let obstacle { print("skipping tests of the systemd units: \(obstacle)") }
        return obstacle
    }()

    private let folder: TemporaryFolder
    private var process: ChildProcess?
    private var line: Int32 = -1
    private var unread: [UInt8] = []

    /// Builds the packages, unless they are there, and boots.
    init() async throws {
        folder = try TemporaryFolder()
        try await Self.run(
            """
            DEB_FAST=1 "$1/scripts/deb.sh" "$2" "$1/.build/deb-test" && cp --sparse=always "$3/root.ext4" "$4/root.ext4" &&
            mkdir -p "$4/local/next" && for name in pmqtt-agent pmqtt-hub pmqtt-cluster pmctl; do
                deb=$(echo "$1/.build/deb-test/${name}"_*.deb) && cp "$deb" "$4/local" && dpkg-deb -R "$deb" "$4/next" &&
                sed -i 's/^Version: .*/&+next/' "$4/next/DEBIAN/control" &&
                dpkg-deb --root-owner-group -Znone -b "$4/next" "$4/local/next" && rm -r "$4/next" || exit 1
            done &&
            mkfs.ext4 -q -d "$4/local" "$4/local.ext4" 200M && rm -r "$4/local"
            """, Self.root, try Binaries.agent.dropLast("/pm-agent".count), Self.image, folder.path)
        try await boot()
    }

    deinit { if line >= 0 { close(line) } }

    var console: String { folder.read("console") }

    /// Kills QEMU, as a power failure would. Data that reached the disks stays.
    func cutPower() {
        process?.end(with: SIGKILL)
        process = nil
        close(line)
        line = -1
    }

    func boot() async throws {
        let disks = ["root", "local"].flatMap { name in
            ["-drive", "file=\(folder.path)/\(name).ext4,format=raw,if=virtio"]
        }
        process = try ChildProcess(
            [
                "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-M", "pc,hpet=off", "-cpu", "max", "-smp", "2",
                "-m", "512",
                "-nodefaults", "-display", "none", "-no-reboot", "-kernel", "\(Self.image)/vmlinuz", "-initrd",
                "\(Self.image)/initramfs.cpio", "-append",
                "console=ttyS0 quiet panic=-1 systemd.show_status=no net.ifnames=0 mitigations=off cryptomgr.notests nokaslr",
                "-serial", "file:\(folder.path)/console",
                "-chardev", "socket,id=line,path=\(folder.path)/line,server=on,wait=off", "-serial", "chardev:line",
            ] + disks, log: "\(folder.path)/qemu")
        let deadline = ContinuousClock.now + VMSupport.patience
        while line < 0 {
            line = UnixSocket.connect(to: "\(folder.path)/line") ?? -1
            guard line >= 0 || ContinuousClock.now < deadline else {
                throw TestError("no QEMU: \(folder.read("qemu"))")
            }
            if line < 0 { try await Task.sleep(for: .milliseconds(10)) }
        }
        unread = []
        do { while try await readLine() != "#up" {} } catch { throw TestError("\(error); the console:\n\(console)") }
    }

    /// Runs a script in a shell as root and returns its output.
    ///
    /// - Parameter script: one line.
    @discardableResult
    func sh(_ script: String, mayFail: Bool = false) async throws -> String {
        let bytes = Array("\(script)\n".utf8)
        guard write(line, bytes, bytes.count) == bytes.count else { throw TestError.system("write to the VM") }
        var output: [String] = []
        while true {
            let text: String
            do { text = try await readLine() } catch { throw TestError("\(script): \(error)\n\(output)\n\(console)") }
            guard text.hasPrefix("#") else {
                output.append(text)
                continue
            }
            let result = output.joined(separator: "\n")
            guard text == "#0" || mayFail else { throw TestError("\(script): \(text)\n\(result)") }
            return result
        }
    }

    /// Waits until a script succeeds.
    func eventually(_ script: String) async throws {
        let end = "$(($(cut -d. -f1 /proc/uptime) + 300))"
        let loop = "end=\(end); until \(script); do [ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 1; sleep 0.2; done"
        do { try await sh(loop) } catch {
            let log = try await sh(
                "systemctl status pmqtt-agent; journalctl -b -n 60 --no-pager -o short-monotonic", mayFail: true)
            throw TestError("timed out: \(script)\n\(log)")
        }
    }

    /// Calls a method of its agent and returns the `result`.
    @discardableResult
    func method(_ name: String, _ arguments: String = "{}") async throws -> JSONValue {
        let request = #"{"method":"\#(name)","args":\#(arguments)}"#.replacing("'", with: #"'\''"#)
        let answer = try await sh("mosquitto_rr -V mqttv5 -t pm/systemd/control -e pm/reply/me -W 20 -m '\(request)'")
        guard let result = try JSONValue(answer)["result"] else { throw TestError("no result: \(answer)") }
        return result
    }

    /// Starts a process and returns its pid.
    func start(_ config: String) async throws -> Int {
        let result = try await method("start_process", #"{"config":\#(config)}"#)
        guard let pid = result["pid"]?.integer else { throw TestError("not started: \(result)") }
        return pid
    }

    func entry(_ id: String) async throws -> JSONValue {
        let entries = try await method("get_processes")["process"]?.array ?? []
        guard let entry = entries.first(where: { $0["process_id"]?.string == id }) else {
            throw TestError("no \(id) in \(entries)")
        }
        return entry
    }

    private func readLine() async throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                return text.hasSuffix("\r") ? String(text.dropLast()) : text
            }
            let isReady = try await offPool { [line] in
                var ready = pollfd(fd: line, events: Int16(POLLIN), revents: 0)
                return poll(&ready, 1, 300_000) > 0
            }
            guard isReady else { throw TestError("the VM does not answer") }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(line, &bytes, bytes.count)
            guard count > 0 else { throw TestError("the VM has ended: \(console)") }
            unread += bytes[..<count]
        }
    }

    private static func run(_ script: String, _ arguments: any StringProtocol...) async throws {
        let log = try TemporaryFolder()
        let process = try ChildProcess(
            ["/bin/sh", "-c", script, "sh"] + arguments.map { String($0) }, log: "\(log.path)/log")
        guard try await process.ended() == 0 else { throw TestError("\(script): \(log.read("log"))") }
    }
}
