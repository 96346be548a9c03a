/// How an `apply` is carried out.
package struct ApplyOptions: Equatable, Sendable {
    /// Whose processes it changes; nil: those without an owner.
    package var owner: Owner?
    /// Whether processes that are not listed are removed.
    package var prunes = true
    /// Whether it only computes what would change.
    package var isDryRun = false

    package init() {}
}
