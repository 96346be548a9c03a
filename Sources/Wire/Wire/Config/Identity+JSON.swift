import JSONCodec
import Model

extension Identity {
    /// Decodes `user`, `group`, `umask`, `nice` and `oom_score_adj`, which are direct members of a config.
    init(in config: Field) throws(Failure) {
        self.init()
        user = try config["user"].map(Self.account)
        group = try config["group"].map(Self.account)
        umask = try config["umask"].map(Self.mask)
        nice = try config["nice"].map { field throws(Failure) in Int32(try field.whole(in: -20...19)) }
        oomScore = try config["oom_score_adj"].map { field throws(Failure) in Int32(try field.whole(in: 0...1000)) }
    }

    /// A name, or a number, which is kept as decimal text.
    private static func account(_ field: Field) throws(Failure) -> String {
        if let number = field.json.integer, (0...Limits.accountNumber).contains(number) { return "\(number)" }
        guard let name = field.json.string, (1...Limits.accountName).contains(name.utf8.count) else {
            throw field.invalid("a name of 1 to \(Limits.accountName) bytes, or a number")
        }
        return name
    }

    /// Decodes `"022"`, or a number that can't be mistaken for octal, such as 18, which is `"022"`. The number 77 is
    /// rejected: as decimal it is `"0115"`, which lets group and others write. Numbers up to 7 mean the same either
    /// way.
    private static func mask(_ field: Field) throws(Failure) -> UInt32 {
        if let text = field.json.string {
            guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
                let mask = UInt32(text, radix: 8), mask <= 0o777
            else { throw field.invalid(maskForm) }
            return mask
        }
        guard let number = field.json.integer, (0...0o777).contains(number) else { throw field.invalid(maskForm) }
        guard number <= 7 || UInt32("\(number)", radix: 8) == nil else {
            throw field.invalid("a string, as its digits may be octal: write it as \"0\(number)\"")
        }
        return UInt32(number)
    }

    private static let maskForm = "octal digits as \"022\", or a number from 0 to \(0o777)"

    func write(to members: inout Members) {
        members.add("user", user.map { .string($0) })
        members.add("group", group.map { .string($0) })
        members.add("umask", umask.map { .string("0" + String($0, radix: 8)) })
        members.add("nice", nice.map { .number($0) })
        members.add("oom_score_adj", oomScore.map { .number($0) })
    }
}
