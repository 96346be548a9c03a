import Cluster
import LinuxSystem
import Model
import ServiceSupport

/// Measures how long hosts with nodes or VMs are offline, and reports those that are given up.
///
/// The state directory has the beginning of each absence, so that a restart of pm-cluster does not prolong it. A host
/// that is known to be absent has a timer. Hosts that published something while pm-cluster was not running get the time
/// until then back (``heard(_:at:)``, ``takeWords()``).
final class Absences {
    private let directory: StateDirectory
    private let hosts: HostWatch
    private let loop: EventLoop
    /// Seconds until a host is given up.
    private var patience: Double
    private var timers: [HostName: TimerID] = [:]
    /// When hosts published their health last, in seconds since the epoch.
    private var lastWords: [HostName: Double] = [:]

    /// Called when a host was offline for too long. Its absence has ended then.
    var lost: (HostName) -> Void = { _ in }

    init(_ directory: StateDirectory, _ hosts: HostWatch, patience: Double, on loop: EventLoop) {
        self.directory = directory
        self.hosts = hosts
        self.patience = patience
        self.loop = loop
    }

    /// Hosts that are offline already get the new time.
    func change(patience: Double) {
        self.patience = patience
        for (host, timer) in timers {
            loop.cancel(timer)
            timers[host] = nil
            begin(host)
        }
    }

    /// Starts the time until a host is given up, unless it runs already.
    func begin(_ host: HostName) {
        guard timers[host] == nil else { return }
        directory.beginAbsence(of: host, at: WallClock.now)
        let seconds = directory.absences.rest(of: host, patience: patience, at: WallClock.now)
        timers[host] = loop.after(.seconds(seconds)) { [weak self] in
            guard let self else { return }
            timers[host] = nil
            close(host)
            lost(host)
        }
    }

    /// Called when a host is online again.
    func end(_ host: HostName) {
        loop.cancel(timers.removeValue(forKey: host))
        close(host)
    }

    /// Ends the recorded absences of hosts that have no timer: they are online again or have no instances.
    func endOthers() {
        for host in directory.absences.since.keys where timers[host] == nil { close(host) }
    }

    private func close(_ host: HostName) {
        guard directory.endAbsence(of: host) else { return }
        if hosts[host]?.presence == .online { Log.note("host \(host) is online again") }
    }

    // MARK: While pm-cluster is not active

    /// - Parameter time: when the host published its health, in seconds since the epoch.
    func heard(_ host: HostName, at time: Double) {
        if lastWords.count < Limits.hubHosts { lastWords[host] = time }
    }

    /// Moves the beginning of absences to what was heard.
    func takeWords() {
        for (host, time) in lastWords { directory.noteWord(of: host, at: min(time, WallClock.now)) }
        forgetWords()
    }

    func forgetWords() { lastWords = [:] }
}
