import Glibc

/// A pattern of paths or names as fnmatch(3) has it: `*` and `?` stay within a level of a path, and `/**` at the end is all
/// that is below.
package struct PathPattern: Equatable, Sendable {
    private let pattern: String
    private let isTree: Bool

    package init(_ text: String) {
        isTree = text.hasSuffix("/**")
        pattern = isTree ? String(text.dropLast(3)) : text
    }

    /// Whether it takes in all that there is.
    package var isEverything: Bool { isTree && pattern.isEmpty }

    package func matches(_ text: String) -> Bool {
        isEverything || fnmatch(pattern, text, FNM_PATHNAME | (isTree ? Self.leadingDirectory : 0)) == 0
    }

    /// FNM_LEADING_DIR, which the module hides: what matches may be followed by a slash and anything.
    private static let leadingDirectory: Int32 = 1 << 3
}
