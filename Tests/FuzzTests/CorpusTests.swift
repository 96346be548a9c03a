import Glibc
import Testing

/// What `make fuzz` begins with, and what it once failed on.
struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases) func `nothing of the corpus breaks anything`(target: FuzzTarget) throws {
        let files = try Self.files(of: target)
        #expect(!files.isEmpty)
        for (name, bytes) in files {
            do throws(Violation) { try target.check(bytes) } catch { Issue.record("\(target)/\(name): \(error)") }
        }
    }

    /// Beginnings of each, and each with a byte changed: what is cut off or torn is no harder to bear.
    @Test(arguments: FuzzTarget.allCases) func `nor does a part of it`(target: FuzzTarget) throws {
        for (name, bytes) in try Self.files(of: target) {
            for end in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 100)) {
                var torn = bytes
                torn[end] ^= 0x0F
                do throws(Violation) {
                    try target.check(Array(bytes[..<end]))
                    try target.check(torn)
                } catch {
                    Issue.record("\(target)/\(name) at \(end): \(error)")
                }
            }
        }
    }

    private static func files(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let root = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let path = "\(root)/Corpus/\(target.rawValue)"
        let folder = try #require(opendir(path))
        defer { closedir(folder) }
        var files: [(String, [UInt8])] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { files.append((name, try bytes(of: "\(path)/\(name)"))) }
        }
        return files.sorted { $0.0 < $1.0 }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        return bytes
    }
}
