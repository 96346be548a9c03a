import Foundation

/// Copies of `pm-agent` and `pm-keeper` in a folder of their own, which a test replaces while an agent runs them.
///
/// A program is replaced as package managers do it: the new file is written beside the old one and gets its name.
package final class ProgramFolder: Sendable {
    /// The versions of a program, as `pm_versions` of keeper_message.h has them.
    package struct Versions: Sendable {
        package var message: UInt32
        package var oldest: UInt32
        package var table: UInt32

        /// As built.
        package static let present = Versions(message: 2, oldest: 1, table: 1)
        /// Of a program that is some versions later, or earlier.
        package static func present(plus later: Int) -> Versions {
            Versions(
                message: UInt32(2 + later), oldest: UInt32(max(1, 1 + later)), table: UInt32(1 + later))
        }
    }

    private let folder: TemporaryFolder
    private let originals: [String: Data]

    package init() throws {
        folder = try TemporaryFolder()
        var originals: [String: Data] = [:]
        for name in ["pm-agent", "pm-keeper"] {
            originals[name] = try Data(contentsOf: URL(filePath: try Binaries.find(name)))
        }
        self.originals = originals
        for name in originals.keys { try install(name) }
    }

    package var agent: String { "\(folder.path)/pm-agent" }

    /// Installs a program as it was built, but for its versions.
    package func install(_ name: String, _ versions: Versions = .present) throws {
        var bytes = originals[name] ?? Data()
        guard let start = bytes.range(of: Data("pm-keeper versions:\0".utf8))?.upperBound else {
            throw TestError("no versions in \(name)")
        }
        for (index, number) in [versions.message, versions.oldest, versions.table].enumerated() {
            withUnsafeBytes(of: number.littleEndian) { number in
                bytes.replaceSubrange(start + 4 * index..<start + 4 * (index + 1), with: number)
            }
        }
        try replace(name, with: Array(bytes))
    }

    /// Installs the first bytes of a program.
    package func installPart(of name: String, bytes: Int) throws {
        try replace(name, with: Array((originals[name] ?? Data()).prefix(bytes)))
    }

    package func replace(_ name: String, with bytes: [UInt8]) throws {
        try folder.write(bytes, to: "\(name).new")
        let path = "\(folder.path)/\(name)"
        guard chmod("\(path).new", 0o755) == 0, rename("\(path).new", path) == 0 else { throw TestError.system(path) }
    }

    package func remove(_ name: String) { unlink("\(folder.path)/\(name)") }
}
