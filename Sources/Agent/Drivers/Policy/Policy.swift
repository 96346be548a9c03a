import Glibc
package import LinuxSystem
package import Model

/// What may be run on this machine, whoever asks: its own configuration has the last word.
///
/// Where everything is allowed, only rules that are written are checked.
package struct Policy: Equatable, Sendable {
    /// Nil is everything.
    let programs: [PathPattern]?
    let drivers: Set<String>?
    let users: Set<uid_t>?
    let groups: Set<gid_t>?
    let variables: [PathPattern]?
    let files: [PathPattern]?
    /// Of working directories that a config names; nil is that they are not judged.
    let directories: [PathPattern]?
    let allowsNewPrivileges: Bool
    let limits: ResourceLimits
    /// The account of a process whose config names no user; nil is the agent's own. Looked up once, as starts are many.
    package let defaultAccount: Account?
    /// Whether any rule can refuse anything.
    package let restricts: Bool

    /// - Parameters:
    ///   - isTrusted: whether only this machine can reach the broker; otherwise nothing may be run until the rules say what.
    ///   - user: as whom a process runs that names nobody.
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
        if let account, !account.isOwn, geteuid() != 0 {
            throw AccountError(reason: "only root can run processes as \(account.name)")
        }
        defaultAccount = account.flatMap { $0.isOwn ? nil : $0 }
        var accounts: [Account] = []
        for name in rules.users ?? [] { accounts.append(try Account.find(user: name, group: nil)) }
        var others: [gid_t] = []
        for name in rules.groups ?? [] { others.append(try Account.find(user: nil, group: name).group) }
        users = rules.users == nil && isOpen ? nil : Set(accounts.map(\.user) + [account?.user ?? geteuid()])
        groups =
            rules.groups == nil && isOpen ? nil : Set(accounts.map(\.group) + others + [account?.group ?? getegid()])
        var unsaid = rules
        unsaid.allow = nil
        restricts = !isOpen || unsaid != PolicyRules()
    }

    /// As whom processes run where nobody says it: a root agent gives its own rights away only when it is told to.
    package static func defaultUser() throws(AccountError) -> String? {
        guard geteuid() == 0 else { return nil }
        for user in ["pm", "nobody"] where (try? Account.find(user: user, group: nil)) != nil { return user }
        throw AccountError(reason: "neither a user pm nor nobody exists: set run_as")
    }

    /// Whether nothing may run, as in an agent that has not been configured for a remote broker.
    package var isClosed: Bool { programs?.isEmpty ?? false && drivers?.isEmpty ?? false }
}
