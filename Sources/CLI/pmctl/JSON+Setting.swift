import JSONCodec

extension JSON {
    /// The same object with this member; it replaces a member with the same key.
    func setting(_ key: String, _ value: JSON) -> JSON {
        var members = members ?? []
        if let index = members.firstIndex(where: { $0.key == key }) {
            members[index] = Member(key, value)
        } else {
            members.append(Member(key, value))
        }
        return .object(members)
    }

    func setting(_ member: Member) -> JSON { setting(member.key, member.value) }

    /// The same object with these members in the object that is its member `key`.
    func setting(_ members: [Member], in key: String) -> JSON {
        setting(key, members.reduce(self[key] ?? [:]) { $0.setting($1) })
    }

    func removing(_ key: String) -> JSON { .object((members ?? []).filter { $0.key != key }) }
}
