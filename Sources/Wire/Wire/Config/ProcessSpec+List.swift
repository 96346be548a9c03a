package import JSONCodec
package import Model

extension ProcessSpec {
    /// Decodes a list of configs that are to run together, such as `args.processes` of `apply`.
    ///
    /// - Parameter name: name of the list in refusals.
    /// - Returns: the specs, each after its dependencies.
    package static func list(_ json: JSON, named name: String) throws(Failure) -> [ProcessSpec] {
        let list = Field(name: name, json: json)
        var specs: [ProcessSpec] = []
        for element in try list.elements("an array of configs, at most \(Limits.processes)", atMost: Limits.processes) {
            let spec = try ProcessSpec(config: element.json, named: element.name)
            guard spec.name != nil else {
                throw Failure(.missingArgument, "missing \(element.name(of: "name"))")
            }
            specs.append(spec)
        }
        return try StartOrder.sort(specs)
    }
}
