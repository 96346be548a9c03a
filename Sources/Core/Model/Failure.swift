/// Why a request failed: a code for programs, a detail for people.
///
/// `detail` is a lower-case phrase without a full stop ("program /x: no such file or directory"), which the method
/// dialect sends as `error.detail`. The BlueZero dialect sends `words` as `error_message`, which its users compare.
package struct Failure: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let detail: String
    /// A shorter text than `detail` if there is one ("no such file or directory"); otherwise equal to `detail`.
    package let words: String

    package init(_ code: ErrorCode, _ detail: String, words: String? = nil) {
        self.words = words ?? detail
        self.code = code
        self.detail = detail
    }
}
