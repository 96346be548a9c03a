import Cluster
import JSONCodec
import Model
import Testing

@testable import ClusterRuntime

/// Files of pm-cluster of the version before this one and of the one after it.
struct StateFormatTests {
    private func json(_ text: String) throws -> JSON {
        try JSON.parse(Array(text.utf8).span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
    }

    @Test(arguments: [
        #"{"kind":"node","id":"n","generation":"g"}"#,
        #"{"kind":"node","id":"n","generation":"g","want":"up","later":{"a":1},"pending":[{"later":1}]}"#,
    ]) func `the file of an instance of another version is read`(text: String) throws {
        let record = try InstanceRecord(try json(text))
        #expect(record.id == HostName("n") && record.want == .up && record.generation == "g" && record.pending.isEmpty)
    }

    @Test(arguments: [#"{"id":"c"}"#, #"{"id":"c","serial":0,"doubt":{"later":"x"},"later":[1]}"#])
    func `the file of the directory of another version is read`(text: String) throws {
        let file = try #require(ClusterFile(try json(text)))
        #expect(file.mark.id == "c" && file.mark.serial == 0 && file.mismatches.isEmpty)
    }
}
