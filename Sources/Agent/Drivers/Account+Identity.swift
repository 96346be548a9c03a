import Glibc
import LinuxSystem
import Model

extension Account {
    /// As whom a spec wants its process to run; nil is as this program.
    ///
    /// - Parameter standard: who is meant when it names no user.
    static func wanted(by identity: Identity, else standard: Account?) throws(Failure) -> Account? {
        guard identity.user != nil || identity.group != nil else { return standard }
        let account: Account
        do throws(AccountError) {
            account = try find(user: identity.user ?? standard?.name, group: identity.group)
        } catch {
            throw Failure(.invalidArgument, error.reason)
        }
        guard account.isOwn || geteuid() == 0 else {
            throw Failure(.notAllowed, "only root can run processes as \(account.name)")
        }
        return account
    }
}
