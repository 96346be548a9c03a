/// Names for the runs of nodes and VMs: the state directory's own id, and behind it something random.
///
/// So what this pm-cluster has started can be told from what others have, even when no file tells of it any more.
struct Generations {
    let clusterID: String

    func next() -> String { "\(clusterID).\(String(UInt64.random(in: .min ... .max), radix: 36))" }

    func isOurs(_ generation: String) -> Bool {
        generation.utf8.starts(with: clusterID.utf8)
            && generation.utf8.dropFirst(clusterID.utf8.count).first == UInt8(ascii: ".")
    }
}
