import Glibc
package import LinuxSystem
package import Model

/// What may be run on this machine, whoever asks: its own configuration has the last word.
///
/// Where anything may be run, nothing else is asked, unless it was said.
package struct Policy: Equatable, Sendable {
    /// Nil is everything.
    let programs: [PathPattern]?
    let drivers: Set<String>?
    let users: Set<uid_t>?
    let groups: Set<gid_t>?
    let variables: [PathPattern]?
    let files: [PathPattern]?
    let limits: ResourceLimits
    /// As whom a process runs that names nobody; nil is as this program. Looked up once: starts are many.
    package let standardAccount: Account?
    /// Whether it speaks against anything at all.
    package let restricts: Bool

    /// - Parameters:
    ///   - isTrusted: whether only this machine can reach the broker; otherwise nothing may be run until the rules say what.
    ///   - user: as whom a process runs that names nobody.
    package init(_ rules: PolicyRules, isTrusted: Bool, standardUser user: String?) throws(AccountError) {
        let patterns = rules.allow?.map(PathPattern.init)
        let isOpen = patterns.map { $0.contains(where: \.isEverything) } ?? isTrusted
        programs = isOpen ? nil : patterns ?? []
        drivers = rules.drivers.map(Set.init) ?? (isOpen || patterns != nil ? nil : [])
        variables = rules.environment?.map(PathPattern.init) ?? (isOpen ? nil : [])
        files = rules.environmentFiles?.map(PathPattern.init) ?? (isOpen ? nil : [])
        limits = rules.limits
        let account = try user.map { name throws(AccountError) in try Account.find(user: name, group: nil) }
        if let account, !account.isOwn, geteuid() != 0 {
            throw AccountError(reason: "only root can run processes as \(account.name)")
        }
        standardAccount = account.flatMap { $0.isOwn ? nil : $0 }
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
    package static func standardUser() throws(AccountError) -> String? {
        guard geteuid() == 0 else { return nil }
        for user in ["pm", "nobody"] where (try? Account.find(user: user, group: nil)) != nil { return user }
        throw AccountError(reason: "there is no user pm, and none called nobody: say run_as")
    }

    /// Whether it lets nothing be run, as that of an agent does that nobody has told what to trust.
    package var isClosed: Bool { programs?.isEmpty ?? false && drivers?.isEmpty ?? false }
}
