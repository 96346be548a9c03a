/// Names for the runs of nodes and VMs: the state directory's own id, and behind it something random.
///
/// So what this pm-cluster has started can be told from what those with other state directories have.
struct Generations {
    let clusterID: String

    func next() -> String { "\(clusterID).\(String(UInt64.random(in: .min ... .max), radix: 36))" }

    /// Whether a generation is of the kind that pm-cluster gives, be it another one.
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
