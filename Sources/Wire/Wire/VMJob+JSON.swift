package import JSONCodec
package import Model

extension VMJob {
    package var json: JSON {
        var members = Members()
        members.add("id", .string(id.description))
        members.add("qemu", .string(qemu))
        members.add("image", .string(image))
        members.add("accelerator", .string(accelerator.rawValue))
        members.add("work", .string(work.rawValue))
        members.add("broker", broker.json)
        members.add("guest", guest.json)
        members.add("stop_grace", .number(stopGrace))
        members.add("boot_timeout", .number(bootTimeout))
        members.add("silence_timeout", .number(silenceTimeout))
        vm.write(to: &members)
        return members.json
    }

    package init(_ json: JSON) throws(Failure) {
        let fields = Field(name: "job", json: json)
        func text(_ name: String) throws(Failure) -> String {
            guard let field = fields[name] else { throw Failure(.missingArgument, "missing \(name)") }
            return try field.string()
        }
        guard let accelerator = Accelerator(rawValue: try text("accelerator")) else {
            throw Failure(.invalidArgument, "no such accelerator")
        }
        guard let id = fields["id"] else { throw Failure(.missingArgument, "missing id") }
        self.init(
            id: try id.processID(), vm: try VMSpec(in: fields), qemu: try text("qemu"),
            image: try text("image"), accelerator: accelerator, broker: try StreamTarget(fields["broker"]?.json),
            stopGrace: try fields["stop_grace"]?.seconds() ?? Limits.gracePeriod)
        guest = GuestBroker(fields["guest"]?.json ?? [:])
        bootTimeout = try fields["boot_timeout"]?.seconds() ?? Limits.vmBoot
        silenceTimeout = try fields["silence_timeout"]?.seconds() ?? Limits.vmSilence
        work = fields["work"]?.json.string.flatMap(Work.init) ?? .boot
    }

    /// The configuration of the guest's agent.
    ///
    /// - Parameter broker: address under which the guest reaches the broker.
    package func guestConfiguration(broker: String) -> JSON {
        var members = Members()
        members.add("host", .string(id.description))
        members.add("broker", .string("\(guest.isEncrypted ? "mqtts" : "mqtt")://\(broker)"))
        for (name, value) in guest.settings.sorted(by: { $0.key < $1.key }) { members.add(name, .string(value)) }
        for (name, value) in guest.intervals.sorted(by: { $0.key < $1.key }) { members.add(name, .number(value)) }
        members.add("state_dir", .string("/var/lib/pmqtt"))
        // The VM itself is the security boundary, and it contains no files of its host, so the guest's agent restricts
        // nothing.
        members.add("run_as", .string("0"))
        members.add("policy", ["allow": ["/**"]])
        members.add("stop_grace", .number(stopGrace))
        members.add("generation", vm.agent.generation.map { .string($0) })
        members.add("labels", Label.json(vm.agent.labels))
        return members.json
    }
}

extension GuestBroker {
    /// The files that a guest receives with its identity.
    package var filesJSON: JSON { Self.object(files) }

    package static func filesJSON(_ files: [String: String]) -> JSON { object(files) }

    fileprivate init(_ json: JSON) {
        self.init()
        isEncrypted = json["encrypted"]?.bool ?? false
        for member in json["settings"]?.members ?? [] { settings[member.key] = member.value.string }
        for member in json["intervals"]?.members ?? [] { intervals[member.key] = member.value.number }
        for member in json["files"]?.members ?? [] { files[member.key] = member.value.string }
        for member in json["sources"]?.members ?? [] { sources[member.key] = member.value.string }
    }

    fileprivate var json: JSON {
        [
            "encrypted": .bool(isEncrypted), "settings": Self.object(settings), "files": filesJSON,
            "sources": Self.object(sources),
            "intervals": .object(intervals.map { JSON.Member($0.key, .number($0.value)) }),
        ]
    }

    private static func object(_ texts: [String: String]) -> JSON {
        .object(texts.map { JSON.Member($0.key, .string($0.value)) })
    }
}

extension StreamTarget {
    fileprivate var json: JSON {
        switch self {
        case .tcp(let host, let port): ["host": .string(host), "port": .number(port)]
        case .unix(let path): ["path": .string(path)]
        }
    }

    fileprivate init(_ json: JSON?) throws(Failure) {
        if let path = json?["path"]?.string {
            self = .unix(path: path)
        } else if let host = json?["host"]?.string, let port = json?["port"]?.integer {
            self = .tcp(host: host, port: port)
        } else {
            throw Failure(.missingArgument, "missing broker")
        }
    }
}
