import ArgumentParser

extension CompletionKind {
    /// The names of hosts, from the broker.
    static var hosts: CompletionKind { .custom { words, _, prefix in NameCompletion(words).hosts(prefix) } }

    /// The processes of the host that the words before name.
    static var processes: CompletionKind { .custom { words, _, prefix in NameCompletion(words).processes(prefix) } }

    /// The contexts of this user.
    static var contexts: CompletionKind {
        .custom { _, _, prefix in
            ((try? ContextFile())?.contexts ?? []).map(\.name).filter { $0.hasPrefix(prefix) }
        }
    }
}
