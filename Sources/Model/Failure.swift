/// A request that could not be carried out: the code for programs, the detail for people.
///
/// `detail` is a lower-case phrase without a full stop ("no such file or directory"); the BlueZero dialect sends it as
/// `error_message`, the method dialect as `error.detail`.
package struct Failure: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let detail: String

    package init(_ code: ErrorCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
