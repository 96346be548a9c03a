import JSONCodec

extension JSON {
    /// The same object with a member of this value, in place of one that has its key.
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

    func removing(_ key: String) -> JSON { .object((members ?? []).filter { $0.key != key }) }
}
