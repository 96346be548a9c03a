package import Model

/// POSIX shell quoting (Shell Command Language, section 2.2) without expansions and operators.
package enum ShellWords {
    /// Splits a command line into its words.
    ///
    /// - Throws: invalid_argument; the detail continues the name of the field ("can't be split …").
    package static func split(_ line: String) throws(Failure) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        // An empty pair of quotes is a word.
        var isInWord = false
        var quote: Unicode.Scalar?
        var scalars = line.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch (scalar, quote) {
            case (" ", nil), ("\t", nil), ("\n", nil):
                if isInWord { words.append(String(word)) }
                word = String.UnicodeScalarView()
                isInWord = false
                continue
            case ("'", "'"), ("\"", "\""): quote = nil
            case ("'", nil), ("\"", nil): quote = scalar
            case ("\\", nil), ("\\", "\""):
                guard let escaped = scalars.next() else { throw incomplete("nothing behind the last backslash") }
                if escaped == "\n" { continue }
                if quote != nil, !"$`\"\\".unicodeScalars.contains(escaped) { word.append("\\") }
                word.append(escaped)
            default: word.append(scalar)
            }
            isInWord = true
        }
        guard quote == nil else { throw incomplete("a quote is not closed") }
        if isInWord { words.append(String(word)) }
        return words
    }

    /// Joins words so that ``split(_:)`` and every POSIX shell split them into the same words.
    package static func join(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy { isSafe($0) }
        guard !isPlain else { return word }
        var text = String.UnicodeScalarView("'".unicodeScalars)
        for scalar in word.unicodeScalars {
            // By scalar: a quote with a combining accent is another character in Swift, but still a quote in a shell.
            if scalar == "'" { text.append(contentsOf: "'\\''".unicodeScalars) } else { text.append(scalar) }
        }
        text.append("'")
        return String(text)
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_-./:=@%+,".utf8.contains(byte)
        }
    }

    private static func incomplete(_ what: String) -> Failure {
        Failure(.invalidArgument, "can't be split into words: \(what)")
    }
}
