/// The fuzz targets. Each passes arbitrary bytes to the code under test and checks properties of the result.
///
/// `make fuzz` runs them with libFuzzer, `make test` on the files in Corpus.
enum FuzzTarget: String, CaseIterable, Sendable {
    case json, scan, reply, agent, cluster, topic, routing, access
    case settings, journal, instance, job, words, schedule, address

    func check(_ bytes: [UInt8]) throws(Violation) {
        switch self {
        case .json: try JSONFuzz.check(bytes)
        case .scan: try ScanFuzz.check(bytes)
        case .reply: try ReplyFuzz.check(bytes)
        case .agent: try AgentFuzz.check(bytes)
        case .cluster: try ClusterFuzz.check(bytes)
        case .topic: try TopicFuzz.check(bytes)
        case .routing: try RoutingFuzz.check(bytes)
        case .access: try AccessFuzz.check(bytes)
        case .settings: try SettingsFuzz.check(bytes)
        case .journal: try JournalFuzz.check(bytes)
        case .instance: try InstanceFuzz.check(bytes)
        case .job: try JobFuzz.check(bytes)
        case .words: try WordsFuzz.check(bytes)
        case .schedule: try ScheduleFuzz.check(bytes)
        case .address: try AddressFuzz.check(bytes)
        }
    }
}
