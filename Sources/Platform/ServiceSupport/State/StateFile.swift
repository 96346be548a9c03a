package import JSONCodec
import LinuxSystem
package import Model

/// Reads a JSON file that another program or a person may have written.
package enum StateFile {
    /// - Parameter limit: bytes.
    package static func read(_ path: String, limit: Int) throws(Failure) -> JSON {
        let bytes: [UInt8]
        do { bytes = try FileSystem.read(path, limit: limit) } catch { throw Failure(.invalidArgument, error.reason) }
        do {
            return try JSON.parse(padded: bytes.span, sizeLimit: limit, nestingLimit: Limits.nesting)
        } catch {
            throw Failure(.malformedRequest, error.description)
        }
    }
}
