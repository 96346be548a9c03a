package import JSONCodec
package import Model

extension HostInfo {
    package var json: JSON {
        [
            "host": .string(host.description),
            "version": .string(version),
            "protocol": .number(protocolVersion),
            "drivers": .object(
                drivers.map { driver in
                    let reason = driver.reason.map { [JSON.Member("reason", .string($0))] } ?? []
                    return .init(driver.name, .object([.init("available", .bool(driver.reason == nil))] + reason))
                }),
            "labels": .object(labels.map { .init($0.name, .string($0.value)) }),
            "limits": .object(limits.map { .init($0.name, $0.json) }),
        ]
    }
}

extension LimitReport {
    /// `{"by":"cgroup"}`, or `{"reason":"…"}` where the limit has no effect.
    fileprivate var json: JSON {
        var members = Members()
        members.add("by", mechanism.map { .string($0) })
        members.add("reason", reason.map { .string($0) })
        return members.json
    }
}
