import JSONCodec
import Model
import Testing

@testable import Wire

/// The job that an agent gives to a VM's runner.
struct VMJobTests {
    private func job(_ broker: StreamTarget) throws -> VMJob {
        var job = VMJob(
            id: try #require(Name("v1")),
            vm: VMSpec(
                memory: 256, cpus: 2,
                agent: InnerAgent(generation: "g", labels: [Label(name: "rack", value: "7")])),
            qemu: "/bin/qemu", image: "/image", accelerator: .kvm, broker: broker, stopGrace: 2.5)
        job.guest.isEncrypted = true
        job.guest.settings = ["user": "fleet", "password": "s3c:r3t@", "ca": "/run/ca.pem"]
        job.guest.files = ["/run/ca.pem": "-----BEGIN"]
        job.work = .clone
        job.guest.intervals = ["keep_alive": 1_200]
        job.bootTimeout = 7.5
        job.silenceTimeout = 45
        return job
    }

    @Test(arguments: [StreamTarget.unix(path: "/run/b.sock"), .tcp(host: "::1", port: 1883)])
    func `a job round-trips`(broker: StreamTarget) throws {
        let job = try job(broker)
        let text = job.json.printed()
        let parsed = try JSON.parse(text.span, sizeLimit: 4096, nestingLimit: 8)
        #expect(try VMJob(parsed) == job)
    }

    @Test func `a guest gets the relay's address, not the broker's`() throws {
        let job = try job(.tcp(host: "broker.example", port: 1884))
        let configuration = job.guestConfiguration(broker: "10.0.2.2:1883")
        #expect(
            configuration == [
                "host": "v1", "broker": "mqtts://10.0.2.2:1883", "ca": "/run/ca.pem",
                "password": "s3c:r3t@", "user": "fleet", "keep_alive": .number(1_200), "state_dir": "/var/lib/pmqtt",
                "run_as": "0",
                "policy": ["allow": ["/**"]],
                "stop_grace": .number(2.5), "generation": "g", "labels": ["rack": "7"],
            ])
    }

    @Test(arguments: ["id", "qemu", "image", "accelerator", "broker"])
    func `a job without a required member is refused`(missing: String) throws {
        let members = try #require(try job(.unix(path: "/b")).json.members).filter { $0.key != missing }
        #expect(throws: Failure.self) { try VMJob(.object(members)) }
    }
}
