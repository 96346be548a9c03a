package import Glibc

/// The user and groups that a process runs with.
package struct Account: Equatable, Sendable {
    package let name: String
    package let home: String
    package let user: uid_t
    package let group: gid_t
    /// The supplementary groups, `group` among them.
    package let groups: [gid_t]

    /// Looks up an account in the user database. May block if the database is on a network.
    ///
    /// - Parameters:
    ///   - user: a name or a number; nil: the user of this program.
    ///   - group: a name or a number; nil: the user's primary group.
    package static func find(user: String?, group: String?) throws(AccountError) -> Account {
        let entry = try find(user)
        guard let group else {
            return Account(entry, group: entry.group, groups: UserDatabase.groups(of: entry.name, with: entry.group))
        }
        guard let number = UserDatabase.group(named: group) ?? number(group) else {
            throw AccountError(reason: "no such group: \(group)")
        }
        // A config with a group but no user gets only that group.
        let groups = user == nil ? [number] : UserDatabase.groups(of: entry.name, with: number)
        return Account(entry, group: number, groups: groups)
    }

    /// Whether this program runs with this user and group.
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
        // A number without an entry is allowed; its group is the one with the same number.
        return UserDatabase.user(number: number)
            ?? UserDatabase.User(name: "\(number)", home: "/", number: number, group: user == nil ? getegid() : number)
    }

    /// The highest number is not an id: system calls take it for "leave unchanged".
    private static func number(_ text: String) -> UInt32? { UInt32(text).flatMap { $0 == .max ? nil : $0 } }
}

/// Why an account lookup failed.
package struct AccountError: Error, Equatable, Sendable {
    /// A lower-case phrase for the requester.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
