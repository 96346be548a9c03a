import Glibc
import TestSupport

/// The random actions. The random choices depend only on the seed, not on the outcome of earlier actions.
extension Soak {
    func act(_ act: Act) async throws {
        let name = names[Int.random(in: names.indices, using: &seed)]
        let number = Int.random(in: 0..<1_000_000, using: &seed)
        switch act {
        case .start: ask(.start(newRun(in: name)))
        case .stop: ask(.stop(name))
        case .reset: ask(.reset(name))
        case .signal: ask(.signal(name, [1, 9, 10, 15, 28][number % 5]))
        case .remove: ask(.remove(name))
        case .read: ask(reading(name, number))
        case .startMissing: ask(.startMissing(name))
        case .oneShot: ask(.oneShot(exitCode: number % 256, number: number))
        case .bad: ask(.bad(Self.badRequests[number % Self.badRequests.count]))
        case .general: ask(general(number))
        case .killMember: killMember(of: number % 5 == 0 ? fileNames[number % fileNames.count] : name, number)
        case .changeFiles: try await changeFiles()
        case .killWorker: killWorker()
        case .killAgent: try await killAgent(after: number % 300)
        case .killKeeper: try await killKeeper()
        case .killBroker: try await killBroker(for: number % 500)
        }
    }

    func newRun(in name: String, from kinds: [Kind]? = nil) -> Run {
        let kinds = kinds ?? (name.hasPrefix("w") ? Kind.writing : Kind.common)
        let run = Run(runs.count + 1, in: name, kinds[Int.random(in: kinds.indices, using: &seed)], &seed)
        runs[run.number] = run
        return run
    }

    /// Sends a request, unless another one about the same process is open.
    private func ask(_ question: Question) {
        let isRouted = Bool.random(using: &seed)
        if let name = question.slot {
            guard slots[name]?.isBusy == false else { return }
            slots[name]?.isBusy = true
            if case .signal(_, let number) = question, number != 28 { slots[name]?.signaled(number) }
        }
        let text = question.text(tag: tag, program: program, host: setting.host, isRouted: isRouted)
        tally.requests += 1
        do {
            let topic = try setting.send(text, isRouted: isRouted && question.canBeRouted)
            pending[topic] = Pending(
                question: question, sentAt: .now, faults: faults, isRisky: outage != nil,
                shortages: isShort ? shortages - 1 : shortages, deaths: deaths)
        } catch {
            violate("\(error)")
        }
    }

    private func reading(_ name: String, _ number: Int) -> Question {
        let methods = [
            ("get_process", ""), ("get_log", #","lines":\#(number % 10_000 + 1)"#),
            ("follow_log", #","seconds":\#(number % 3 + 1)"#), ("unfollow_log", ""),
        ]
        let (method, arguments) = methods[number % methods.count]
        return .read(name, method: method, arguments: arguments)
    }

    private func general(_ number: Int) -> Question {
        let methods = ["get_health", "get_processes", "apply"]
        let method = methods[number % methods.count]
        return .general(method: method, arguments: method == "apply" ? #"{"processes":[],"dry_run":true}"# : "{}")
    }

    private static let badRequests = [
        "", "{", "[]", "null", "\"\u{0}\"", #"{"method":"nope"}"#, #"{"method":"kill_process"}"#,
        #"{"method":"kill_process","args":{"process_id":"not there"}}"#, #"{"start_process":{}}"#,
        #"{"start_process":{"path":"relative"}}"#, #"{"start_process":{"path":"/"},"stop_process":{"pid":1}}"#,
        #"{"stop_process":{"pid":1}}"#, #"{"query_process_status":{"pid":-1}}"#,
        #"{"method":"start_process","args":{"config":{"command":5}}}"#,
        #"{"method":"start_process","args":{"config":{"name":"!","command":["/bin/true"]}}}"#,
        #"{"method":"start_process","args":{"config":{"command":["/bin/true"],"restart":{"dealy":1}}}}"#,
        #"{"method":"apply","args":{"processes":[{"command":"/bin/true"}]}}"#,
        #"{"method":"get_health","node_id":"elsewhere"}"#, String(repeating: "[", count: 1_000),
    ]

    /// Changes the host's own spec files (`processes.d`) and sends SIGHUP.
    private func changeFiles() async throws {
        for name in fileNames {
            let choice = Int.random(in: 0..<4, using: &seed)
            let run = newRun(in: name, from: Kind.permanent)
            // During an outage the soak could not tell when the files were read.
            guard outage == nil else { continue }
            switch choice {
            case 0:
                files[name] = nil
                FileStore.remove("\(setting.specDirectory)/\(name).json")
            case 1:
                files[name] = run
                try FileStore.replace(
                    "\(setting.specDirectory)/\(name).json", run.config(tag: tag, program: program))
            default: break
            }
        }
        guard outage == nil else { return }
        tally.reloads += 1
        let before = reloadCount
        setting.agent.signal(SIGHUP)
        try await reach("the reload") { reloadCount > before }
        filesWereRead()
    }

    private var reloadCount: Int {
        setting.agent.log.split(separator: "\n").count { $0.hasSuffix("configuration again") }
    }

    /// Updates the slots: an agent that has read the files has started the processes in them.
    func filesWereRead() {
        for name in fileNames {
            if let run = files[name] {
                guard slots[name]?.run?.number != run.number || slots[name]?.isMismatched == true else { continue }
                slots[name]?.started(run, pid: nil)
            } else {
                slots[name]?.forgotten()
            }
        }
    }
}
