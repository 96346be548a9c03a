import JSONCodec
import Model

extension Identity {
    /// `user`, `group`, `umask` and `nice` of a config, which stand beside each other and not in an object.
    init(in config: Field) throws(Failure) {
        self.init()
        user = try config["user"].map(Self.account)
        group = try config["group"].map(Self.account)
        umask = try config["umask"].map(Self.mask)
        nice = try config["nice"].map { field throws(Failure) in Int32(try field.whole(in: -20...19)) }
    }

    /// A name, or a number, which is kept as its digits.
    private static func account(_ field: Field) throws(Failure) -> String {
        if let number = field.json.integer, (0...Limits.accountNumber).contains(number) { return "\(number)" }
        guard let name = field.json.string, (1...Limits.accountName).contains(name.utf8.count) else {
            throw field.invalid("a name of 1 to \(Limits.accountName) bytes, or a number")
        }
        return name
    }

    /// `"022"`, or the number 18, which is the same.
    private static func mask(_ field: Field) throws(Failure) -> UInt32 {
        var mask = field.json.integer
        if let text = field.json.string, text.utf8.count <= 4,
            text.utf8.allSatisfy({ (0x30...0x37).contains($0) })
        {
            mask = Int(text, radix: 8)
        }
        guard let mask, (0...0o777).contains(mask) else {
            throw field.invalid("octal digits as \"022\", or a number from 0 to \(0o777)")
        }
        return UInt32(mask)
    }

    func write(to members: inout Members) {
        members.add("user", user.map { .string($0) })
        members.add("group", group.map { .string($0) })
        members.add("umask", umask.map { .string("0" + String($0, radix: 8)) })
        members.add("nice", nice.map { .number($0) })
    }
}
