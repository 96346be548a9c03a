import LinuxSystem
import Model

extension Account {
    /// The account that a process runs as; nil is the agent's own.
    ///
    /// - Parameter standard: the account for a spec that names neither user nor group.
    /// - Throws: `invalid_argument` if the account does not exist; `not_allowed` if only root could use it.
    static func wanted(by identity: Identity, else standard: Account?) throws(Failure) -> Account? {
        guard identity.user != nil || identity.group != nil else { return standard }
        let account: Account
        do throws(AccountError) {
            account = try find(user: identity.user ?? standard?.name, group: identity.group)
        } catch {
            throw Failure(.invalidArgument, error.reason)
        }
        guard account.isOwn || User.isRoot else {
            throw Failure(.notAllowed, "only root can run processes as \(account.name)")
        }
        return account
    }
}
