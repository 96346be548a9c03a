import JSONCodec
import LinuxSystem
import Model
import Wire

/// The audit record of one request: its requester, as far as known, and its result.
struct AuditEntry {
    enum Result {
        case done
        /// The request was a duplicate, and got the earlier answer again.
        case duplicate
        case refused(Failure)
    }

    /// Seconds since the epoch.
    let time = WallClock.now
    let header: RequestHeader
    /// What the request is about: a process, a program, a node.
    let subject: String?
    let result: Result

    /// `{"time","user","client","reply_to","id","request","subject","result","detail"}`; unknown members are absent.
    var json: JSON {
        var members = [JSON.Member("time", .number(time))]
        func add(_ key: String, _ text: String?) {
            if let text {
                members.append(.init(key, .string(String(decoding: text.utf8.prefix(Limits.auditText), as: UTF8.self))))
            }
        }
        add("user", header.requester?.user)
        add("client", header.requester?.client)
        add("reply_to", header.replyTo?.description)
        if let id = header.id { members.append(.init("id", id.json)) }
        add("request", header.verb)
        add("subject", subject)
        add("result", word)
        if case .refused(let failure) = result { add("detail", failure.detail) }
        return .object(members)
    }

    /// The result in one word.
    var word: String {
        switch result {
        case .done: "success"
        case .duplicate: "duplicate"
        case .refused(let failure): failure.code.rawValue
        }
    }

    /// What it asks for, for people.
    var request: String {
        String((subject.map { "\(header.verb) of \($0)" } ?? header.verb).prefix(Limits.auditText))
    }

    var requester: String? {
        (header.requester?.user ?? header.requester?.client).map { String($0.prefix(Limits.auditText)) }
    }
}
