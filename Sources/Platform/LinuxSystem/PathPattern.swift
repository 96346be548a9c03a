import Glibc

/// A pattern for paths or names as in fnmatch(3): `*` and `?` don't match a slash, and `/**` at the end matches
/// everything below.
package struct PathPattern: Equatable, Sendable {
    private let pattern: String
    private let isTree: Bool

    package init(_ text: String) {
        isTree = text.hasSuffix("/**")
        pattern = isTree ? String(text.dropLast(3)) : text
    }

    /// Whether it matches everything.
    package var isEverything: Bool { isTree && pattern.isEmpty }

    package func matches(_ text: String) -> Bool {
        isEverything || fnmatch(pattern, text, FNM_PATHNAME | (isTree ? Self.leadingDirectory : 0)) == 0
    }

    /// FNM_LEADING_DIR, which Swift's Glibc module lacks: a slash and anything may follow the matched part.
    private static let leadingDirectory: Int32 = 1 << 3
}
