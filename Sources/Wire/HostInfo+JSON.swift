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
        ]
    }
}
