package import Glibc

/// As whom a process runs.
package struct Account: Equatable, Sendable {
    package let name: String
    package let home: String
    package let user: uid_t
    package let group: gid_t
    /// The supplementary groups, `group` among them.
    package let groups: [gid_t]

    /// Asks the user database, which may take its time where that is on a network.
    ///
    /// - Parameters:
    ///   - user: a name or a number; nil is who this program runs as.
    ///   - group: a name or a number; nil is the user's primary group.
    package static func find(user: String?, group: String?) throws(AccountError) -> Account {
        let entry = try find(user)
        guard let group else {
            return Account(entry, group: entry.group, groups: UserDatabase.groups(of: entry.name, with: entry.group))
        }
        guard let number = UserDatabase.group(named: group) ?? number(group) else {
            throw AccountError(reason: "no such group: \(group)")
        }
        // Who names a group but no user wants no other group, either.
        let groups = user == nil ? [number] : UserDatabase.groups(of: entry.name, with: number)
        return Account(entry, group: number, groups: groups)
    }

    /// Whether this program runs as it.
    package var isOwn: Bool { user == geteuid() && group == getegid() }

    private init(_ entry: UserDatabase.User, group: gid_t, groups: [gid_t]) {
        name = entry.name
        home = entry.home
        user = entry.number
        self.group = group
        self.groups = groups
    }

    private static func find(_ user: String?) throws(AccountError) -> UserDatabase.User {
        if let user, let entry = UserDatabase.user(named: user) { return entry }
        guard let number = user.map({ number($0) }) ?? geteuid() else {
            throw AccountError(reason: "no such user: \(user ?? "")")
        }
        // A number nobody has a name for will do; its group is the one of the same number, for lack of another.
        return UserDatabase.user(number: number)
            ?? UserDatabase.User(name: "\(number)", home: "/", number: number, group: user == nil ? getegid() : number)
    }

    /// The highest number is no id: system calls take it for "leave as it is".
    private static func number(_ text: String) -> UInt32? { UInt32(text).flatMap { $0 == .max ? nil : $0 } }
}

/// Why nobody can run as somebody.
package struct AccountError: Error, Equatable, Sendable {
    /// A lower-case phrase for the requester.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
