import TestSupport
import Testing

/// Another client publishes on pm-cluster's topics.
@Suite(.serialized) struct StrangerTests {
    @Test(arguments: ["", "nonsense", #"{"vm_id":"v","state":"failed"}"#])
    func `a retained state that another client has cleared or overwritten is restored`(text: String) async throws {
        try await withVMs { bench, host in
            let allocate = #"{"vm_id":"v","config":{"command":"/bin/x"}}"#
            #expect(try await bench.method("vm", "allocate_vm", allocate)["status"] == "success")
            let topic = "pm/cluster/vm/v/state"
            let state = try #require(try await bench.retained(topic)[topic])
            let watcher = try await TestClient(bench.broker)
            try await watcher.subscribe(topic)
            _ = try await watcher.next { $0.isRetained }
            for _ in 0..<3 {
                try await bench.client.publish(topic, text, retain: true)
                _ = try await watcher.next { $0.text == text }
                _ = try await watcher.next { $0.text == state }
            }
            #expect(try await bench.retained(topic) == [topic: state])
            // The state is not published repeatedly, and a removal still succeeds.
            try await watcher.settle()
            #expect(watcher.takeAll().isEmpty)
            #expect(try await bench.method("vm", .removeVM("v"))["status"] == "success")
            try await bench.isGone("vm", "v")
        }
    }
}
