import TestSupport
import Testing

/// pm-agent under a booted systemd, with both variants of its unit: restarts, limits and shutdown.
@Suite(.serialized, .enabled(if: SystemdGuest.obstacle == nil)) struct UnitTests {
    private static let dropIns = "/etc/systemd/system/pm-agent.service.d"
    private static let writer =
        #"{"name":"writer","persist":true,"command":["/bin/sh","-c","while :; do echo line; sleep 0.05; done"],"limits":{"memory":"32M","cpu":0.2,"pids":5}}"#

    @Test func `an agent recovers from the death of worker, keeper or both, and from a power failure`() async throws {
        let guest = try await SystemdGuest()
        try await guest.sh("systemd-sysusers /usr/local/lib/pmqtt.sysusers && mkdir -p /etc/pmqtt")
        try await guest.sh(#"echo '{"host":"systemd","broker":"mqtt://127.0.0.1"}' >/etc/pmqtt/agent.json"#)
        try await guest.sh("systemctl daemon-reload && systemctl enable --now pm-agent")
        try await isOnline(guest)
        try await limitsAreEnforced(guest)
        try await killParts(on: guest)
        try await reloadAndStop(on: guest)

        try await guest.sh("install -D -m 644 /usr/local/lib/pm-agent-unprivileged.conf -t \(Self.dropIns)")
        try await guest.sh("systemctl daemon-reload && systemctl restart pm-agent")
        try await killParts(on: guest)

        guest.cutPower()
        try await guest.boot()
        // The process has `persist`, so the agent starts it again.
        try await isOnline(guest)
        try await guest.eventually("pgrep -f 'echo line' >/dev/null")
        try await limitsAreSet(guest)
    }

    private func killParts(on guest: SystemdGuest) async throws {
        try await isOnline(guest)
        let pid = try await guest.start(Self.writer)
        try await limitsAreSet(guest)
        let keeper = "$(systemctl show -p MainPID --value pm-agent)"
        let worker = "$(pgrep -P \(keeper) -f -- --worker$)"
        for victims in [worker, keeper, "\(keeper) \(worker)"] {
            try await guest.sh("kill -9 \(victims)")
            try await isOnline(guest)
            #expect(try await guest.entry("writer")["pid"]?.integer == pid, "after kill -9 \(victims)")
            try await logGoesOn(guest)
            try await limitsAreSet(guest)
        }
        #expect(try await guest.sh("systemctl show -p NRestarts --value pm-agent") == "2")
    }

    private func reloadAndStop(on guest: SystemdGuest) async throws {
        let pid = try #require(try await guest.entry("writer")["pid"]?.integer)
        try await guest.sh("systemctl reload pm-agent")
        try await guest.eventually("journalctl -u pm-agent -b --no-pager | grep -q 'read the configuration again'")
        #expect(try await guest.entry("writer")["pid"]?.integer == pid)
        try await guest.sh("systemctl stop pm-agent")
        #expect(try await guest.sh("systemctl is-active pm-agent", mayFail: true) == "inactive")
        #expect(try await guest.sh("test -e /proc/\(pid) && echo lives || echo gone") == "gone")
        try await guest.sh("systemctl start pm-agent")
        try await isOnline(guest)
        try await guest.method("kill_process", #"{"process_id":"writer"}"#)
        try await guest.method("remove_process", #"{"process_id":"writer"}"#)
    }

    private func isOnline(_ guest: SystemdGuest) async throws {
        let request = #"-m '{"list_active_processes":{}}'"#
        try await guest.eventually(
            "mosquitto_rr -V mqttv5 -t pm/systemd/control -e pm/reply/me -W 1 \(request) | grep -q pids")
    }

    private func logGoesOn(_ guest: SystemdGuest) async throws {
        let size = "stat -c %s /var/lib/pmqtt/log/writer.stdout"
        try await guest.eventually("[ $(\(size)) -gt \(try guest.sh(size)) ]")
    }

    private func limitsAreSet(_ guest: SystemdGuest) async throws {
        let pid = try #require(try await guest.entry("writer")["pid"]?.integer)
        let group = try await guest.sh("sed -n s/^0:://p /proc/\(pid)/cgroup")
        let limits = try await guest.sh("cd /sys/fs/cgroup\(group) && cat memory.max cpu.max pids.max")
        #expect(limits == "33554432\n20000 100000\n5")
    }

    private func limitsAreEnforced(_ guest: SystemdGuest) async throws {
        let restart = #""restart":{"policy":"never"}"#
        _ = try await guest.start(
            #"{"name":"eater","command":["/bin/sh","-c","head -c 64000000 /dev/zero | tail"],\#(restart),"limits":{"memory":"32M"}}"#
        )
        try await guest.eventually(
            #"mosquitto_sub -t pm/systemd/process/eater -W 2 -C 1 | grep -q '"exit_code":137'"#)
        _ = try await guest.start(
            #"{"name":"forker","command":["/bin/sh","-c","sleep 9 & sleep 9 & sleep 9 & wait"],\#(restart),"limits":{"pids":3}}"#
        )
        try await guest.eventually("grep -qi fork /var/lib/pmqtt/log/forker.stderr")
        let pid = try await guest.start(
            #"{"name":"spinner","command":["/bin/sh","-c","while :; do :; done"],"limits":{"cpu":0.1}}"#)
        let group = try await guest.sh("sed -n s/^0:://p /proc/\(pid)/cgroup")
        try await guest.eventually("! grep -q 'nr_throttled 0' /sys/fs/cgroup\(group)/cpu.stat")
        for id in ["eater", "forker", "spinner"] {
            try await guest.method("kill_process", #"{"process_id":"\#(id)"}"#)
            try await guest.method("remove_process", #"{"process_id":"\#(id)"}"#)
        }
    }
}
