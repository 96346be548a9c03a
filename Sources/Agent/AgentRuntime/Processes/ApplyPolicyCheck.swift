import Model

/// Checks all specs of an `apply` against the policy, before any of them is carried out.
final class ApplyPolicyCheck {
    /// Checks one spec; the completion may be called at once.
    typealias Examine = (ProcessSpec, ProcessOrigin, @escaping (Result<String, Failure>) -> Void) -> Void

    private let specs: [ProcessSpec]
    private let scope: ApplyScope
    private let completion: ([Name: Failure]) -> Void
    private var refusals: [Name: Failure] = [:]
    private var pending = 0

    /// - Parameter completion: gets the specs that the policy refuses, by their names.
    init(_ specs: [ProcessSpec], _ scope: ApplyScope, _ completion: @escaping ([Name: Failure]) -> Void) {
        self.specs = specs
        self.scope = scope
        self.completion = completion
    }

    /// - Parameter then: called after the completion; both may be called before this returns.
    func begin(by examine: Examine, then: @escaping () -> Void) {
        pending = specs.count + 1
        for spec in specs {
            examine(spec, scope.origin) { [self] result in
                if case .failure(let failure) = result, let id = spec.name { refusals[id] = failure }
                finishOne(then)
            }
        }
        finishOne(then)
    }

    private func finishOne(_ then: () -> Void) {
        pending -= 1
        guard pending == 0 else { return }
        completion(refusals)
        then()
    }
}
