import ArgumentParser
import JSONCodec
import MQTTTransport

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Finds out what is wrong: broker, rights, hub, clocks, versions, hosts.",
        discussion: """
            Example: pmctl doctor --broker mqtts://broker.lan --broker-user me

            It looks at the way to the broker (name, TCP, TLS, login), at what this account may do, at hub and \
            pm-cluster, and at the hosts, and says what to do. It changes nothing: rights are tried with requests for \
            health. The exit code is 111 if there is an error; warnings and notes count as success.
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let address = try options.address
        var findings: [Finding] = []
        let doctor = Doctor(
            address: address, origin: try options.sources.origin,
            patience: options.timeout ?? GlobalOptions.defaultTimeout
        ) { (finding) throws(CommandError) in
            findings.append(finding)
            if !options.json { try Output.write(finding.lines(for: .standardOutput)) }
        }
        try doctor.examine()
        if options.json { try Output.write(.array(findings.map(\.json))) }
        let errors = findings.count { $0.level == .error }
        if errors > 0 { throw CommandError.failed("\(errors) \(errors == 1 ? "error" : "errors")") }
    }
}
