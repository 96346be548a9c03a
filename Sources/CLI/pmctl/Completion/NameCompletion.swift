import ArgumentParser
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Completes names of hosts and processes from what the broker retains.
///
/// A shell waits for it at each press of the tabulator: it says nothing where the broker does not answer in time.
struct NameCompletion {
    /// The words of the command line, without `pmctl`.
    private let words: [String]

    /// - Parameter words: the whole command line so far.
    init(_ words: [String]) { self.words = Array(words.dropFirst()) }

    func hosts(_ prefix: String) -> [String] {
        let topics = retained([Topic.everyStatus])
        return topics.compactMap { topic -> String? in
            guard case .status(let host) = Topic(topic) else { return nil }
            return host.description
        }.filter { $0.hasPrefix(prefix) }.sorted()
    }

    func processes(_ prefix: String) -> [String] {
        guard let host = plainWords.dropFirst().lazy.compactMap({ HostName($0) }).first else { return [] }
        return retained([Topic.everyProcess(of: host)]).compactMap { topic -> String? in
            guard case .process(_, let id) = Topic(topic) else { return nil }
            return id.description
        }.filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// The topics of the retained messages; none if the broker does not answer in time: that of `--timeout`, if it was
    /// typed, else a time that is not felt.
    private func retained(_ filters: [String]) -> [String] {
        guard let options = try? GlobalOptions.parse(brokerOptions), let address = try? options.address else {
            return []
        }
        let time = options.timeout ?? Limits.completionTime
        let deadline = Instant.now + .seconds(time)
        guard let bus = try? Bus(address, timeout: time) else { return [] }
        defer { bus.close() }
        let messages = (try? bus.retained(filters, before: deadline)) ?? []
        return messages.filter { !$0.payload.isEmpty }.map(\.topic)
    }

    // MARK: Words

    /// The options that say which broker to ask, as far as they are typed.
    var brokerOptions: [String] {
        var options: [String] = []
        var rest = words[...]
        while let word = rest.popFirst(), word != "--" {
            let flag = String(word.prefix { $0 != "=" })
            guard Self.flagsOfBroker.contains(flag) else { continue }
            if word.contains("=") {
                options.append(word)
            } else if let value = rest.popFirst() {
                options += [word, value]
            }
        }
        return options
    }

    /// The words that are no options and no values of the broker's options: the subcommand and its arguments.
    var plainWords: [String] {
        var plain: [String] = []
        var rest = words[...]
        while let word = rest.popFirst(), word != "--" {
            if Self.flagsOfBroker.contains(word) {
                _ = rest.popFirst()
            } else if !word.hasPrefix("-") {
                plain.append(word)
            }
        }
        return plain
    }

    private static let flagsOfBroker: Set = [
        "--broker", "--context", "--broker-user", "--password-file", "--ca", "--cert", "--key", "--proxy",
        "--timeout",
    ]
}
