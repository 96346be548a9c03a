import JSONCodec
import Model
import Wire

/// Requests to an agent, in both dialects, and their answers.
enum AgentFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        var input = ByteReader(bytes)
        let properties = RequestFuzz.properties(&input)
        let payload = Array(input.rest)
        let request = Request(payload.span, properties: properties)
        let header = request.header
        var outcomes: [Outcome] = [.stopped]
        switch request.command {
        case .success(let command):
            try RequestFuzz.check(header, payload, isAccepted: true)
            try check(command)
            if let id = Name("x-1") { outcomes += [.started(id, pid: 1), .reset(id, pid: nil)] }
            outcomes += [.pids([1, 2]), .ended(.signaled(9)), .running, .following([], seconds: 1)]
        case .failure(let failure):
            try RequestFuzz.check(header, payload, isAccepted: false)
            try hold(!failure.detail.isEmpty, "a refusal without a reason")
            outcomes = [.failed(failure)]
        }
        let isBlueZero = if case .blueZero = header.dialect { true } else { false }
        for outcome in outcomes {
            let (answer, type) = Response.encode(outcome, to: header)
            try hold((type == .blueZeroResponse) == isBlueZero, "an answer is called \(type)")
            try RequestFuzz.check(answer: answer, to: header, payload, quotes: !isBlueZero)
        }
        let (refusal, _) = Response.encode(hubRefusal: Failure(.unknownHost, "unknown host"), to: header)
        try RequestFuzz.check(answer: refusal, to: header, payload, quotes: !isBlueZero)
    }

    private static func check(_ command: Command) throws(Violation) {
        switch command {
        case .start(let spec): try RequestFuzz.check(spec)
        case .apply(let specs, _):
            var seen: Set<Name> = []
            for spec in specs {
                try RequestFuzz.check(spec)
                let name = try need(spec.name, "a spec of apply has no name")
                try hold(spec.prerequisites.allSatisfy { seen.contains($0) }, "\(name) comes before a dependency")
                try hold(seen.insert(name).inserted, "\(name) is listed twice")
            }
        case .getLog(_, let query):
            try hold((1...Limits.mostLogLines).contains(query.lines), "\(query.lines) lines")
        case .followLog(_, let following):
            try hold((1...Limits.longestFollow).contains(following.seconds), "\(following.seconds) seconds")
        case .signal(_, let signal): try hold((1...Limits.signal).contains(signal), "signal \(signal)")
        default: break
        }
    }
}
