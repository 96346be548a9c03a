import typealias Glibc.uid_t
import typealias Glibc.gid_t
package import LinuxSystem
package import Model

/// The policy: what requests may run on this host, with which account, environment, directories and limits.
///
/// It is built from the host's configuration (``PolicyRules``) and from whether the broker is local. If everything is
/// allowed, only explicit rules restrict; if programs are listed, environment, files, users and groups are closed
/// unless they are listed too. The launcher checks each spec and each launch plan (`Policy+Admission`). The host's own
/// specs (`processes_dir`) are not checked. See docs/decisions/0018-policy.md.
package struct Policy: Equatable, Sendable {
    /// Nil allows every program; so for the lists below.
    let programs: [PathPattern]?
    let drivers: Set<String>?
    let users: Set<uid_t>?
    let groups: Set<gid_t>?
    let variables: [PathPattern]?
    let files: [PathPattern]?
    /// Allowed working directories (a config's `path`); nil if they are not restricted.
    let directories: [PathPattern]?
    let allowsNewPrivileges: Bool
    let limits: ResourceLimits
    /// The account of processes without `user` in their config; nil is the agent's own. Looked up once, not at each
    /// start.
    package let defaultAccount: Account?
    /// Whether the policy can refuse anything.
    package let restricts: Bool

    /// - Parameters:
    ///   - isTrusted: whether the broker is local to this host. If not, only what the rules list may be run.
    ///   - user: the name of the default account; nil is the agent's own account.
    package init(_ rules: PolicyRules, isTrusted: Bool, defaultUser user: String?) throws(AccountError) {
        let patterns = rules.allow?.map(PathPattern.init)
        let isOpen = patterns.map { $0.contains(where: \.isEverything) } ?? isTrusted
        programs = isOpen ? nil : patterns ?? []
        drivers = rules.drivers.map(Set.init) ?? (isOpen || patterns != nil ? nil : [])
        variables = rules.environment?.map(PathPattern.init) ?? (isOpen ? nil : [])
        files = rules.environmentFiles?.map(PathPattern.init) ?? (isOpen ? nil : [])
        directories = rules.directories?.map(PathPattern.init)
        allowsNewPrivileges = rules.allowsNewPrivileges ?? isOpen
        limits = rules.limits
        let account = try user.map { name throws(AccountError) in try Account.find(user: name, group: nil) }
        if let account, !account.isOwn, !User.isRoot {
            throw AccountError(reason: "only root can run processes as \(account.name)")
        }
        defaultAccount = account.flatMap { $0.isOwn ? nil : $0 }
        var accounts: [Account] = []
        for name in rules.users ?? [] { accounts.append(try Account.find(user: name, group: nil)) }
        var others: [gid_t] = []
        for name in rules.groups ?? [] { others.append(try Account.find(user: nil, group: name).group) }
        users = rules.users == nil && isOpen ? nil : Set(accounts.map(\.user) + [account?.user ?? User.number])
        groups =
            rules.groups == nil && isOpen ? nil : Set(accounts.map(\.group) + others + [account?.group ?? User.group])
        var unsaid = rules
        unsaid.allow = nil
        restricts = !isOpen || unsaid != PolicyRules()
    }

    /// The default account if `run_as` is not set. An agent that is root does not run processes as root by default.
    package static func defaultUser() throws(AccountError) -> String? {
        guard User.isRoot else { return nil }
        for user in ["pm", "nobody"] where (try? Account.find(user: user, group: nil)) != nil { return user }
        throw AccountError(reason: "neither a user pm nor nobody exists: set run_as")
    }

    /// Whether nothing may run: the broker is remote, and the configuration has no policy.
    package var isClosed: Bool { programs?.isEmpty ?? false && drivers?.isEmpty ?? false }
}
