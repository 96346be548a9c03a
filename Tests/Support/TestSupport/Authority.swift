import Glibc

/// A certificate authority with certificates, made by `broker/certificates.sh` in a folder of its own.
package final class Authority: Sendable {
    package let folder: TemporaryFolder

    package init() async throws {
        folder = try TemporaryFolder()
        try await run("ca")
    }

    package var certificate: String { "\(folder.path)/ca.pem" }

    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// A certificate and key for a broker with these names.
    ///
    /// - Parameter days: the validity from now on; if negative, the certificate has expired.
    package func broker(_ names: String..., days: Int = 30) async throws -> Pair {
        try await run("broker", names, days)
        return pair(names[0])
    }

    package func client(_ name: String) async throws -> Pair {
        try await run("client", [name])
        return pair(name)
    }

    /// A broker's certificate with its name in the common name instead of the subject alternative name.
    ///
    /// - Parameter extension: a further line of the certificate's extensions.
    package func broker(commonName: String, extension line: String) async throws -> Pair {
        try folder.write("basicConstraints=critical,CA:FALSE\n\(line)\n", to: "extensions")
        let script = """
            cd \(folder.path) && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \\
                -subj /CN=\(commonName) -keyout \(commonName).key -out request &&
            openssl x509 -req -in request -CA ca.pem -CAkey ca.key -days 30 -extfile extensions -out \(commonName).pem
            """
        let status = try await ChildProcess(["/bin/sh", "-c", script], log: "\(folder.path)/log").ended()
        guard status == 0 else { throw TestError("openssl: \(folder.read("log"))") }
        return pair(commonName)
    }

    private func pair(_ name: String) -> Pair {
        Pair(certificate: "\(folder.path)/\(name).pem", key: "\(folder.path)/\(name).key")
    }

    private func run(_ kind: String, _ names: [String] = [], _ days: Int = 30) async throws {
        let script = #filePath.dropLast("Tests/Support/TestSupport/Authority.swift".count) + "broker/certificates.sh"
        let command = ["/usr/bin/env", "PM_CERT_DAYS=\(days)", "/bin/sh", String(script), kind, folder.path] + names
        let status = try await ChildProcess(command, log: "\(folder.path)/log").ended()
        guard status == 0 else { throw TestError("certificates.sh: \(folder.read("log"))") }
    }
}
