import Model
import Wire

/// Joined words are split into the same words.
enum WordsFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        if let words = try? ShellWords.split(text) { try checkRound(words) }
        // With arbitrary characters in the words.
        try checkRound(text.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false).map { String($0) })
        // Without quotes and backslashes, words are separated by blanks only.
        guard !bytes.contains(where: { "'\"\\".utf8.contains($0) }) else { return }
        let plain = bytes.split { " \t\n".utf8.contains($0) }.map { Array($0) }
        let words = try? ShellWords.split(text).map { Array($0.utf8) }
        try hold(words == plain, "\(text) is split into \(words.map { "\($0)" } ?? "nothing")")
    }

    private static func checkRound(_ words: [String]) throws(Violation) {
        let line = ShellWords.join(words)
        let back = try? ShellWords.split(line)
        try hold(back?.map { Array($0.utf8) } == words.map { Array($0.utf8) }, "\(line) is not \(words)")
    }
}
