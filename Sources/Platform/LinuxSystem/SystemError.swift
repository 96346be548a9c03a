import Glibc

/// A failed system call, with the attempted action.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    package let number: Int32
    package let action: String

    package init(_ action: String, errno number: Int32 = Glibc.errno) {
        self.number = number
        self.action = action
    }

    /// The system's text for the error, in lower case ("no such file or directory").
    package var reason: String { Self.reason(number) }

    package var description: String { "\(action): \(reason)" }

    package static func reason(_ number: Int32) -> String {
        String(cString: strerror(number)).lowercased()
    }
}
