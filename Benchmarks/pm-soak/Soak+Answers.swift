import TestSupport

/// Compares answers with the expected ones.
extension Soak {
    /// Handles the messages that have arrived, and gives up requests with overdue answers.
    func hear() throws {
        for message in setting.client.takeAll() {
            if message.topic.hasPrefix("pm/\(setting.host)/log/") {
                tally.followedMessages += 1
            } else if outage?.probes.contains(message.topic) == true {
                let reply = Reply(try message.value)
                if case .success = reply { endOutage() } else { outage?.refusal = "\(reply)" }
            } else if message.topic.hasPrefix(setting.replies), !noteAnswer(message) {
                continue
            } else if let pending = pending.removeValue(forKey: message.topic) {
                tally.answers += 1
                if let name = pending.question.slot { slots[name]?.isBusy = false }
                judge(pending, Reply(try message.value))
            }
        }
        probe()
        for (topic, pending) in pending { giveUp(topic, pending) }
    }

    /// - Returns: whether it is the first answer to its request.
    private func noteAnswer(_ message: Message) -> Bool {
        guard let first = answers[message.topic] else {
            // A request that is not pending any more was answered late: any fault may have happened since.
            let request = pending[message.topic]
            answers[message.topic] = Answer(
                payload: message.payload, faults: request?.isRisky == false ? request?.faults : nil)
            return true
        }
        tally.repeated += 1
        // At QoS 1 an answer is sent again if the connection ended before the broker acknowledged it.
        if first.faults == faults || first.payload != message.payload {
            tally.doubled += 1
            violate("answered twice: \(message), first \(String(decoding: first.payload, as: UTF8.self))")
        }
        return false
    }

    private func giveUp(_ topic: String, _ request: Pending) {
        let isSafe = request.faults == faults && !request.isRisky
        let isLate =
            isSafe
            ? .now - request.sentAt > Self.patience
            : outage == nil && .now - max(outageEnd, request.sentAt) > Self.lateness
        guard isLate else { return }
        pending[topic] = nil
        if isSafe {
            tally.lost += 1
            violate("no answer to \(request.question)")
        } else {
            tally.unanswered += 1
        }
        if let name = request.question.slot {
            slots[name]?.doubt()
            note("no answer to \(request.question)", of: name)
        }
    }

    private func judge(_ request: Pending, _ reply: Reply) {
        if case .failure(let code, let detail) = reply {
            let isRefusal =
                ["no_capacity", "unknown_host", "host_offline"].contains(code)
                || ["unknown host", "host offline"].contains(detail)
            // Refused: correct during a fault.
            if isRefusal, request.isRisky || request.faults != faults {
                tally.refused += 1
                return
            }
            if request.shortages != shortages, isExcused(request.question, code) {
                tally.refused += 1
                if let name = request.question.slot {
                    slots[name]?.doubt()
                    note("\(request.question): \(reply.summary), during a shortage", of: name)
                }
                return
            }
        }
        let name = request.question.slot
        let objection = objection(to: reply, request.question)
        // The agent may have died after it sent the answer.
        if request.deaths != deaths, let name { slots[name]?.outlivedAgent() }
        if request.deaths != deaths { oneShots = [:] }
        if let name { note("\(request.question): \(reply.summary)", of: name) }
        if let objection {
            violate("\(request.question) was answered with \(reply.summary): \(objection)", about: name)
        }
    }

    /// Whether a shortage explains the refusal, because the request needs a resource.
    private func isExcused(_ question: Question, _ code: String) -> Bool {
        switch question {
        case .bad: false
        case .start, .startMissing, .stop, .reset, .signal, .remove, .read, .oneShot, .general:
            !["name_in_use", "no_such_process", "not_allowed"].contains(code)
        }
    }

    private func objection(to reply: Reply, _ question: Question) -> String? {
        switch question {
        case .start(let run): return started(run, reply)
        case .startMissing(let name):
            guard case .failure(let code, _) = reply else { return "there is no such program" }
            if code == "name_in_use" { return slots[name]?.isSurelyDown == true ? "it is not up" : nil }
            return code == "exec_failed" ? slots[name]?.isSurelyUp == true ? "it is up" : nil : "wrong error code"
        case .stop(let name): return stopped(name, reply)
        case .reset(let name):
            if case .success(let result) = reply {
                let isUnknown = slots[name]?.isSurelyUnknown == true
                slots[name]?.reset(pid: result["pid"]?.integer)
                return isUnknown ? "it is unknown" : nil
            }
            return slots[name]?.isSurelyKnown == true ? "it is known" : nil
        case .signal(let name, let number): return signaled(name, number, reply)
        case .remove(let name): return removed(name, reply)
        case .read(let name, _, _):
            if case .success = reply { return slots[name]?.isSurelyUnknown == true ? "it is unknown" : nil }
            return slots[name]?.isSurelyKnown == true ? "it is known" : nil
        case .oneShot(let code, _):
            guard case .success(let result) = reply, let pid = result["pid"]?.integer else { return "not started" }
            oneShots[pid] = code
            return nil
        case .bad:
            if case .success = reply { return "it is a bad request" }
            return nil
        case .general:
            if case .failure = reply { return "it is a valid request" }
            return nil
        }
    }

    private func started(_ run: Run, _ reply: Reply) -> String? {
        switch reply {
        case .success(let result):
            let isUp = slots[run.slot]?.isSurelyUp == true
            slots[run.slot]?.started(run, pid: result["pid"]?.integer)
            return isUp ? "its name is in use" : nil
        case .failure(let code, _):
            guard code == "name_in_use" else { return "not started" }
            return slots[run.slot]?.isSurelyDown == true ? "its name is free" : nil
        }
    }

    private func stopped(_ name: String, _ reply: Reply) -> String? {
        switch reply {
        case .success:
            let isDown = slots[name]?.isSurelyDown == true
            slots[name]?.stopped()
            return isDown ? "it is not up" : nil
        case .failure(let code, _):
            guard code == "no_such_process" else { return "not stopped" }
            return slots[name]?.isSurelyUp == true ? "it is up" : nil
        }
    }

    private func signaled(_ name: String, _ number: Int, _ reply: Reply) -> String? {
        switch reply {
        case .success:
            if number == 9 { slots[name]?.killed() }
            return slots[name]?.isSurelyDown == true ? "it is not up" : nil
        case .failure(let code, _):
            // A process that was killed may be about to be restarted.
            return code == "no_such_process" ? nil : "wrong error code"
        }
    }

    private func removed(_ name: String, _ reply: Reply) -> String? {
        switch reply {
        case .success:
            let isUp = slots[name]?.isSurelyUp == true
            slots[name]?.forgotten()
            return isUp ? "it is up" : nil
        case .failure(let code, _):
            if code == "not_allowed" { return slots[name]?.isSurelyDown == true ? "it is not up" : nil }
            return slots[name]?.isSurelyKnown == true ? "it is known" : nil
        }
    }
}
