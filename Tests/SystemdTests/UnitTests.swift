import TestSupport
import Testing

/// pm-agent under a systemd that has booted, with both of its units: what it can rely on from the kernel and the service
/// manager, and they on it.
@Suite(.serialized, .enabled(if: SystemdMachine.obstacle == nil)) struct UnitTests {
    private static let dropIns = "/etc/systemd/system/pm-agent.service.d"
    private static let writer =
        #"{"name":"writer","persist":true,"command":["/bin/sh","-c","while :; do echo line; sleep 0.05; done"],"limits":{"memory":"32M","cpu":0.2,"pids":5}}"#

    @Test func `an agent goes on after the deaths of its parts, and of the machine`() async throws {
        let machine = try await SystemdMachine()
        try await machine.sh("systemd-sysusers /usr/local/lib/pmqtt.sysusers && mkdir -p /etc/pmqtt")
        try await machine.sh(#"echo '{"host":"systemd","broker":"mqtt://127.0.0.1"}' >/etc/pmqtt/agent.json"#)
        try await machine.sh("systemctl daemon-reload && systemctl enable --now pm-agent")
        try await isOnline(machine)
        try await limitsAreEnforced(machine)
        try await killParts(on: machine)
        try await reloadAndStop(on: machine)

        try await machine.sh("install -D -m 644 /usr/local/lib/pm-agent-unprivileged.conf -t \(Self.dropIns)")
        try await machine.sh("systemctl daemon-reload && systemctl restart pm-agent")
        try await killParts(on: machine)

        machine.cutPower()
        try await machine.boot()
        // It has persist: the agent starts it anew.
        try await isOnline(machine)
        try await machine.eventually("pgrep -f 'echo line' >/dev/null")
        try await limitsAreSet(machine)
    }

    private func killParts(on machine: SystemdMachine) async throws {
        try await isOnline(machine)
        let pid = try await machine.start(Self.writer)
        try await limitsAreSet(machine)
        let keeper = "$(systemctl show -p MainPID --value pm-agent)"
        let worker = "$(pgrep -P \(keeper) -f -- --worker$)"
        for victims in [worker, keeper, "\(keeper) \(worker)"] {
            try await machine.sh("kill -9 \(victims)")
            try await isOnline(machine)
            #expect(try await machine.entry("writer")["pid"]?.integer == pid, "after kill -9 \(victims)")
            try await logGoesOn(machine)
            try await limitsAreSet(machine)
        }
        #expect(try await machine.sh("systemctl show -p NRestarts --value pm-agent") == "2")
    }

    private func reloadAndStop(on machine: SystemdMachine) async throws {
        let pid = try #require(try await machine.entry("writer")["pid"]?.integer)
        try await machine.sh("systemctl reload pm-agent")
        try await machine.eventually("journalctl -u pm-agent -b --no-pager | grep -q 'read the configuration again'")
        #expect(try await machine.entry("writer")["pid"]?.integer == pid)
        try await machine.sh("systemctl stop pm-agent")
        #expect(try await machine.sh("systemctl is-active pm-agent", mayFail: true) == "inactive")
        #expect(try await machine.sh("test -e /proc/\(pid) && echo lives || echo gone") == "gone")
        try await machine.sh("systemctl start pm-agent")
        try await isOnline(machine)
        try await machine.method("kill_process", #"{"process_id":"writer"}"#)
        try await machine.method("remove_process", #"{"process_id":"writer"}"#)
    }

    private func isOnline(_ machine: SystemdMachine) async throws {
        let request = #"-m '{"list_active_processes":{}}'"#
        try await machine.eventually(
            "mosquitto_rr -V mqttv5 -t pm/systemd/control -e pm/reply/me -W 1 \(request) | grep -q pids")
    }

    private func logGoesOn(_ machine: SystemdMachine) async throws {
        let size = "stat -c %s /var/lib/pmqtt/log/writer.stdout"
        try await machine.eventually("[ $(\(size)) -gt \(try machine.sh(size)) ]")
    }

    private func limitsAreSet(_ machine: SystemdMachine) async throws {
        let pid = try #require(try await machine.entry("writer")["pid"]?.integer)
        let group = try await machine.sh("sed -n s/^0:://p /proc/\(pid)/cgroup")
        let limits = try await machine.sh("cd /sys/fs/cgroup\(group) && cat memory.max cpu.max pids.max")
        #expect(limits == "33554432\n20000 100000\n5")
    }

    private func limitsAreEnforced(_ machine: SystemdMachine) async throws {
        let restart = #""restart":{"policy":"never"}"#
        _ = try await machine.start(
            #"{"name":"eater","command":["/bin/sh","-c","head -c 64000000 /dev/zero | tail"],\#(restart),"limits":{"memory":"32M"}}"#
        )
        try await machine.eventually(
            #"mosquitto_sub -t pm/systemd/process/eater -W 2 -C 1 | grep -q '"exit_code":137'"#)
        _ = try await machine.start(
            #"{"name":"forker","command":["/bin/sh","-c","sleep 9 & sleep 9 & sleep 9 & wait"],\#(restart),"limits":{"pids":3}}"#
        )
        try await machine.eventually("grep -qi fork /var/lib/pmqtt/log/forker.stderr")
        let pid = try await machine.start(
            #"{"name":"spinner","command":["/bin/sh","-c","while :; do :; done"],"limits":{"cpu":0.1}}"#)
        let group = try await machine.sh("sed -n s/^0:://p /proc/\(pid)/cgroup")
        try await machine.eventually("! grep -q 'nr_throttled 0' /sys/fs/cgroup\(group)/cpu.stat")
        for id in ["eater", "forker", "spinner"] {
            try await machine.method("kill_process", #"{"process_id":"\#(id)"}"#)
            try await machine.method("remove_process", #"{"process_id":"\#(id)"}"#)
        }
    }
}
