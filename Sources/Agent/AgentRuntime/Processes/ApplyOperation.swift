import Model

/// An `apply` that is being carried out: its result so far, and how many of its steps have not ended.
final class ApplyOperation {
    let isDryRun: Bool
    private var difference: ApplyResult
    private var pending = 0
    private let reply: (ApplyResult) -> Void

    private var isComplete = false

    init(isDryRun: Bool, reply: @escaping (ApplyResult) -> Void) {
        self.isDryRun = isDryRun
        self.reply = reply
        difference = ApplyResult(isDryRun: isDryRun)
    }

    func begin(_ list: WritableKeyPath<ApplyResult, [Name]>, _ id: Name) {
        note(list, id)
        pending += 1
    }

    func end() {
        pending -= 1
        finishIfDone()
    }

    func note(_ list: WritableKeyPath<ApplyResult, [Name]>, _ id: Name) { difference[keyPath: list].append(id) }

    func refuse(_ id: Name, _ failure: Failure) { difference.failed.append(.init(id: id, failure: failure)) }

    /// A step that had begun has failed.
    func fail(_ id: Name, _ failure: Failure) {
        for list in [\ApplyResult.started, \.reset, \.removed] { difference[keyPath: list].removeAll { $0 == id } }
        refuse(id, failure)
    }

    /// All steps have begun: answers now, or when the last of them ends.
    func complete() {
        isComplete = true
        finishIfDone()
    }

    private func finishIfDone() {
        if isComplete, pending == 0 { reply(difference) }
    }
}
