package import JSONCodec
package import Model

extension PolicyRules {
    /// Decodes the `policy` object of an agent's configuration; all members are optional.
    package init(_ json: JSON) throws(Failure) {
        self.init()
        let fields = try Field(name: "policy", json: json).object(of: [
            "allow", "drivers", "users", "groups", "environment", "environment_files",
            "directories", "new_privileges", "limits",
        ])
        allow = try fields["allow"]?.patterns()
        drivers = try fields["drivers"]?.strings()
        users = try fields["users"]?.strings()
        groups = try fields["groups"]?.strings()
        environment = try fields["environment"]?.strings()
        environmentFiles = try fields["environment_files"]?.patterns()
        directories = try fields["directories"]?.patterns()
        allowsNewPrivileges = try fields["new_privileges"]?.bool()
        if let field = fields["limits"] { limits = try ResourceLimits(field) }
    }

    package var json: JSON {
        var members = Members()
        let lists = [
            ("allow", allow), ("drivers", drivers), ("users", users), ("groups", groups), ("environment", environment),
            ("environment_files", environmentFiles), ("directories", directories),
        ]
        for (key, list) in lists { members.add(key, list.map { .array($0.map { .string($0) }) }) }
        members.add("new_privileges", allowsNewPrivileges.map { .bool($0) })
        if limits != ResourceLimits() { members.add("limits", limits.json) }
        return members.json
    }
}

extension Field {
    /// Decodes patterns of absolute paths. Other patterns would silently match nothing.
    fileprivate func patterns() throws(Failure) -> [String] {
        let patterns = try strings()
        guard patterns.allSatisfy({ $0.hasPrefix("/") }) else {
            throw invalid("an array of absolute paths, as \"/usr/bin/*\"")
        }
        return patterns
    }
}
