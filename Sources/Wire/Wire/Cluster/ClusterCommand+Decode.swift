import JSONCodec
package import Model

extension ClusterCommand {
    /// Decodes a request on the control topic for nodes or for VMs: the header, which is needed for the answer, and the
    /// command or the reason for a refusal.
    package static func read(
        _ payload: Span<UInt8>, properties: MessageProperties, kind: InstanceKind
    ) -> (RequestHeader, Result<ClusterCommand, Failure>) {
        let (header, json) = RequestHeader.parse(payload, properties: properties)
        if let refusal = header.refusal { return (header, .failure(refusal)) }
        guard let json else { return (header, .failure(Failure(.malformedRequest, "malformed request"))) }
        return (header, Result { () throws(Failure) in try ClusterCommand(json, header.dialect, kind) })
    }

    private init(_ json: JSON, _ dialect: Dialect, _ kind: InstanceKind) throws(Failure) {
        if let ambiguity = Dialect.ambiguity(in: json) { throw ambiguity }
        guard case .method(let name) = dialect else {
            throw Failure(.malformedRequest, "unknown command: pm-cluster takes methods")
        }
        guard let name else { throw Failure(.malformedRequest, "method must be a string") }
        guard let method = ClusterMethod(name, kind) else {
            throw Failure(.unknownMethod, "unknown method: \(name.prefix(Limits.nameLength))")
        }
        let arguments = json.optional("args") ?? [:]
        guard arguments.members != nil else { throw Failure(.invalidArgument, "args must be an object") }
        self = try ClusterCommand(method, Field(name: "args", json: arguments))
    }

    private init(_ method: ClusterMethod, _ arguments: Field) throws(Failure) {
        switch method {
        case .node(.create): self = .create(try InstanceRequest(node: arguments))
        case .node(.remove): self = .remove(try InstanceRemoval(.node, arguments))
        case .node(.reset): self = .reset(.node, try arguments.required("node_id").instanceID())
        case .node(.run):
            let id = try arguments.required("node_id").instanceID()
            self = .run(id, config: try arguments.processConfig())
        case .node(.getHealth): self = .getHealth(.node)
        case .node(.getNodes): self = .list(.node)
        case .node(.getOrphans): self = .listOrphans(.node)
        case .node(.adopt): self = .adopt(try InstanceAdoption(.node, arguments))
        case .node(.confirm): self = .confirm(.node)
        case .vm(.allocate): self = .create(try InstanceRequest(vm: arguments))
        case .vm(.remove): self = .remove(try InstanceRemoval(.vm, arguments))
        case .vm(.reset): self = .reset(.vm, try arguments.required("vm_id").instanceID())
        case .vm(.getHealth): self = .getHealth(.vm)
        case .vm(.getVMs): self = .list(.vm)
        case .vm(.getOrphans): self = .listOrphans(.vm)
        case .vm(.adopt): self = .adopt(try InstanceAdoption(.vm, arguments))
        case .vm(.confirm): self = .confirm(.vm)
        }
    }
}

extension InstanceRequest {
    fileprivate init(node arguments: Field) throws(Failure) {
        self.init(kind: .node)
        id = try arguments["node_id"]?.instanceID()
        host = try arguments["host"]?.instanceID()
        labels =
            try arguments["labels"].map { labels throws(Failure) in
                try Label.list(labels.json, named: labels.name)
            } ?? []
    }

    fileprivate init(vm arguments: Field) throws(Failure) {
        self.init(kind: .vm)
        config = try arguments.processConfig()
        id = try arguments["vm_id"]?.instanceID()
        host = try arguments["host"]?.instanceID()
        vm = try VMSpec(in: arguments)
    }
}

extension InstanceRemoval {
    fileprivate init(_ kind: InstanceKind, _ arguments: Field) throws(Failure) {
        self.init(
            kind: kind, id: try arguments.required("\(kind.rawValue)_id").instanceID(),
            isForced: try arguments["force"]?.bool() ?? false)
        host = try arguments["host"]?.instanceID()
    }
}

extension InstanceAdoption {
    fileprivate init(_ kind: InstanceKind, _ arguments: Field) throws(Failure) {
        self.init(kind: kind, id: try arguments.required("\(kind.rawValue)_id").instanceID())
        host = try arguments["host"]?.instanceID()
        if kind == .vm, arguments["config"] != nil { config = try arguments.processConfig() }
    }
}

extension Field {
    func required(_ key: String) throws(Failure) -> Field {
        guard let field = self[key] else { throw Failure(.missingArgument, "missing \(name(of: key))") }
        return field
    }

    fileprivate func instanceID() throws(Failure) -> HostName {
        let name = try processID()
        guard let host = HostName(name.description) else {
            throw invalid("a name other than \(HostName.reserved.sorted().joined(separator: ", "))")
        }
        return host
    }

    /// The config of a process. It must be valid for an agent and must not describe a node or a VM: instances are not
    /// nested.
    fileprivate func processConfig() throws(Failure) -> JSON {
        let config = try required("config").json
        let spec = try ProcessSpec(config: config)
        guard !spec.invocation.isAgent else {
            throw Failure(.invalidArgument, "config.driver must be one that runs programs")
        }
        return config
    }
}
