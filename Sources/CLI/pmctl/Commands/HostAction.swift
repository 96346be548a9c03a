import JSONCodec
import Model
import Wire

/// A request to the agents of hosts, the same for each.
struct HostAction {
    let method: Method
    var arguments: JSON = [:]
    /// The lines for a success.
    let line: (_ result: JSON, HostName) -> [String]
    /// The question to a person on a terminal; nil if there is none.
    var question: ((_ hosts: [HostName]) -> String)?
    /// The failure of a part of what was asked, of which a successful answer tells; nil if there is none.
    var partialFailure: (_ result: JSON) -> CommandError? = { _ in nil }

    /// Sends the request to all chosen hosts. Throws if it fails for one of them.
    ///
    /// - Parameter consent: whether the question is asked; nil if there is none.
    func run(_ choice: HostChoice, _ options: GlobalOptions, _ bus: Bus, _ consent: ConsentOptions? = nil) throws {
        let fleet = try bus.fleet(choice.filters)
        if let host = choice.only { try bus.requireHost(host, in: fleet) }
        let (chosen, missing) = choice.hosts(in: fleet)
        let online = chosen.filter { $0.isOnline == true }.map(\.name)
        var log = OutcomeLog(isMany: choice.only == nil, isJSON: options.json)
        for failure in missing { log.fail(failure) }
        for host in chosen where host.isOnline != true { log.fail(.failed("host offline: \(host.name)", .offline)) }
        if let question, let consent, !online.isEmpty { try consent.ask(question(online), on: bus) }
        let requests = online.map { Gathering.Request(host: $0, method: method, arguments: arguments) }
        try Gathering(requests, on: bus) { (index, outcome) throws(CommandError) in
            let place = RequestPlace(host: online[index])
            switch outcome {
            case .success(let answer):
                if let error = answer.error { return log.fail(index, place, error, answer.result) }
                let lines = line(answer.result, place.host)
                guard let error = partialFailure(answer.result) else {
                    return try log.succeed(index, place, lines, answer.result)
                }
                try log.show(lines)
                log.fail(index, place, error, answer.result)
            case .failure(let error): log.fail(index, place, error, nil)
            }
        }.run()
        try log.finish()
    }
}
