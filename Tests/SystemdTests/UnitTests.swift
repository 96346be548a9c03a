import TestSupport
import Testing

/// The Debian packages under a booted systemd: installation, restarts, limits, upgrade, shutdown and removal, with both
/// variants of the agent's unit.
@Suite(.serialized, .enabled(if: SystemdGuest.obstacle == nil)) struct UnitTests {
    private static let dropIns = "/etc/systemd/system/pmqtt-agent.service.d"
    private static let writer =
        #"{"name":"writer","persist":true,"command":["/bin/sh","-c","while :; do echo line; sleep 0.05; done"],"limits":{"memory":"32M","cpu":0.2,"pids":5}}"#

    @Test func `an agent that was installed from packages recovers, upgrades, reboots and is purged`() async throws {
        let guest = try await SystemdGuest()
        try await install(on: guest)
        try await limitsAreEnforced(guest)
        try await killParts(on: guest)
        try await upgrade(guest)
        try await reloadAndStop(on: guest)

        try await guest.sh("install -D -m 644 /usr/lib/pmqtt/systemd/pmqtt-agent-unprivileged.conf -t \(Self.dropIns)")
        try await guest.sh("systemctl daemon-reload && systemctl restart pmqtt-agent")
        try await killParts(on: guest)

        guest.cutPower()
        try await guest.boot()
        // The process has `persist`, so the agent starts it again.
        try await isOnline(guest)
        try await guest.eventually("pgrep -f '[e]cho line' >/dev/null")
        try await limitsAreSet(guest)
        try await purge(guest)
    }

    /// No service runs before its settings were edited, and wrong settings are an error of `systemctl start`.
    private func install(on guest: SystemdGuest) async throws {
        try await guest.sh("dpkg -i /usr/local/*.deb")
        #expect(try await guest.sh("systemctl is-enabled pmqtt-agent", mayFail: true) == "disabled")
        #expect(try await guest.sh("systemctl is-active pmqtt-agent", mayFail: true) == "inactive")
        let edit = "sed -i 's|// \"host\": \"%H\"|\"host\": \"systemd\"|' /etc/pmqtt/agent.json"
        try await guest.sh("\(edit) && cp /etc/pmqtt/agent.json /tmp && echo '}' >>/etc/pmqtt/agent.json")
        let failure = try await guest.sh("systemctl start pmqtt-agent || echo failed")
        #expect(failure.hasSuffix("failed"))
        #expect(try await guest.sh("systemctl is-active pmqtt-agent", mayFail: true) == "failed")
        try await guest.sh("journalctl -u pmqtt-agent -b --no-pager | grep -q 'agent.json: not valid JSON at line'")
        try await guest.sh("cp /tmp/agent.json /etc/pmqtt && systemctl enable --now pmqtt-agent")
        try await guest.sh("cp /usr/share/pmqtt/broker/hub.conf /etc/mosquitto/conf.d/pmqtt.conf")
        try await guest.sh("systemctl restart mosquitto")
        try await isOnline(guest)
        try await guest.eventually("pmctl hosts | grep -q systemd")
    }

    private func upgrade(_ guest: SystemdGuest) async throws {
        let pid = try #require(try await guest.entry("writer")["pid"]?.integer)
        let keeper = try await guest.sh("systemctl show -p MainPID --value pmqtt-agent")
        try await guest.sh("dpkg -i /usr/local/next/*.deb")
        #expect(try await guest.sh("dpkg-query -W -f '${Version}\\n' pmqtt-agent").hasSuffix("+next"))
        try await isOnline(guest)
        #expect(try await guest.sh("systemctl show -p MainPID --value pmqtt-agent") == keeper)
        #expect(try await guest.entry("writer")["pid"]?.integer == pid)
        try await logGoesOn(guest)
        try await limitsAreSet(guest)
        // The programs of the older version are not on the disk any more.
        for program in [keeper, "$(pgrep -P \(keeper) -f -- --worker$)"] {
            #expect(try await !guest.sh("readlink /proc/\(program)/exe").hasSuffix("(deleted)"))
        }
    }

    private func purge(_ guest: SystemdGuest) async throws {
        try await guest.sh("dpkg --purge pmqtt-agent pmqtt-hub pmqtt-cluster pmctl")
        try await guest.sh("! pgrep -f '[e]cho line' && systemctl restart mosquitto")
        let left = "find /etc /usr /var -path /usr/local -prune -o -name '*pmqtt*' -print -o -name 'pm-*' -print"
        #expect(try await guest.sh("\(left) | grep -v \(Self.dropIns)", mayFail: true) == "")
    }

    private func killParts(on guest: SystemdGuest) async throws {
        try await isOnline(guest)
        let pid = try await guest.start(Self.writer)
        try await limitsAreSet(guest)
        let keeper = "$(systemctl show -p MainPID --value pmqtt-agent)"
        let worker = "$(pgrep -P \(keeper) -f -- --worker$)"
        for victims in [worker, keeper, "\(keeper) \(worker)"] {
            try await guest.sh("kill -9 \(victims)")
            try await isOnline(guest)
            #expect(try await guest.entry("writer")["pid"]?.integer == pid, "after kill -9 \(victims)")
            try await logGoesOn(guest)
            try await limitsAreSet(guest)
        }
        #expect(try await guest.sh("systemctl show -p NRestarts --value pmqtt-agent") == "2")
    }

    private func reloadAndStop(on guest: SystemdGuest) async throws {
        let pid = try #require(try await guest.entry("writer")["pid"]?.integer)
        try await guest.sh("systemctl reload pmqtt-agent")
        try await guest.eventually("journalctl -u pmqtt-agent -b --no-pager | grep -q 'read the configuration again'")
        #expect(try await guest.entry("writer")["pid"]?.integer == pid)
        try await guest.sh("systemctl stop pmqtt-agent")
        #expect(try await guest.sh("systemctl is-active pmqtt-agent", mayFail: true) == "inactive")
        #expect(try await guest.sh("test -e /proc/\(pid) && echo lives || echo gone") == "gone")
        try await guest.sh("systemctl start pmqtt-agent")
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
