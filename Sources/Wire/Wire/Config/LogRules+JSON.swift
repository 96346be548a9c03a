import JSONCodec
import Model

extension LogRules {
    /// Decodes `{"max_size","files"}`.
    init(_ field: Field) throws(Failure) {
        self.init()
        let fields = try field.object(of: ["max_size", "files"])
        maximumSize = try fields["max_size"]?.bytes(in: Limits.leastLogSize...Limits.mostLogSize) ?? maximumSize
        files = try fields["files"]?.whole(in: 1...Limits.mostLogFiles) ?? files
    }

    var json: JSON {
        let usual = LogRules()
        var members = Members()
        members.add("max_size", maximumSize, unless: usual.maximumSize)
        members.add("files", files, unless: usual.files)
        return members.json
    }
}
