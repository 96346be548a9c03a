/// Creates and recognizes generations, which identify one creation or reset of a node or VM.
///
/// A generation is `<id of the state directory>.<random>`, both in base 36. It shows which state directory has created
/// an instance.
struct Generations {
    let clusterID: String

    func next() -> String { "\(clusterID).\(String(UInt64.random(in: .min ... .max), radix: 36))" }

    /// Whether a generation has the form that pm-cluster uses, with this or another state directory.
    static func isManaged(_ generation: String) -> Bool {
        let parts = generation.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...13).contains(part.count)
                    && part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
            }
    }

    func isOurs(_ generation: String) -> Bool {
        generation.utf8.starts(with: clusterID.utf8)
            && generation.utf8.dropFirst(clusterID.utf8.count).first == UInt8(ascii: ".")
    }
}
