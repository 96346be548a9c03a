/// Processes that a driver wants begun before anybody asks for them, which then need only be woken.
package struct Prestart: Sendable {
    package let count: Int
    /// Another one means that those which have begun are of no use any more.
    package let edition: Int

    /// Under this number each finds the line on which it says a word when it has come so far, and by which it is woken.
    /// When nobody is at the other end any more, it ends.
    package let lineDescriptor: Int32

    /// Beside it, no other descriptor than stdout and stderr is left to those that a keeper starts.
    package static let standardInput: Int32 = 0

    package init(count: Int, edition: Int, lineDescriptor: Int32) {
        self.count = count
        self.edition = edition
        self.lineDescriptor = lineDescriptor
    }
}

/// What a process of a reserve is told to become what somebody wants.
package struct PrestartAssignment: Sendable {
    package let edition: Int
    package let bytes: [UInt8]
    /// As it would have been launched.
    package let arguments: [String]
}
