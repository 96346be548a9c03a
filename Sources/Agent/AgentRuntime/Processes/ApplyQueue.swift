import DequeModule
import Model

/// `apply` requests during the check of their specs against the policy.
///
/// They are carried out one after the other in the order of arrival, because each compares its specs with what the
/// earlier ones have left.
final class ApplyQueue {
    private var checks: Deque<ApplyPolicyCheck> = []
    private let examine: ApplyPolicyCheck.Examine

    /// - Parameter examine: checks one spec; see ``Launcher/examine(_:_:_:)``.
    init(examine: @escaping ApplyPolicyCheck.Examine) { self.examine = examine }

    /// - Parameter carryOut: gets the refusals by name when it is this request's turn; may be called before this
    ///   returns.
    func add(_ specs: [ProcessSpec], _ scope: ApplyScope, carryOut: @escaping ([Name: Failure]) -> Void) {
        checks.append(ApplyPolicyCheck(specs, scope, carryOut))
        if checks.count == 1 { checkNext() }
    }

    private func checkNext() {
        guard let check = checks.first else { return }
        check.begin(by: examine) { [self] in
            _ = checks.popFirst()
            checkNext()
        }
    }
}
