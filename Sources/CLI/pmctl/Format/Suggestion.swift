/// What a person may have meant by a misspelt word.
enum Suggestion {
    /// The nearest candidate: one that differs by an edit for every three letters of the word, one edit at least, or the
    /// only one that begins with the word. Nil if there is none, and for the word itself.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().unicodeScalars)
        guard letters.count > 1 else { return nil }
        let limit = max(1, letters.count / 3)
        var best: (distance: Int, text: String)?
        var longer: Set<String> = []
        for candidate in candidates where candidate != word {
            let other = Array(candidate.lowercased().unicodeScalars)
            if other.starts(with: letters) { longer.insert(candidate) }
            guard abs(other.count - letters.count) <= limit else { continue }
            let distance = distance(from: letters, to: other)
            if distance <= limit, best.map({ (distance, candidate) < ($0.distance, $0.text) }) ?? true {
                best = (distance, candidate)
            }
        }
        return best?.text ?? (longer.count == 1 ? longer.first : nil)
    }

    /// Insertions, deletions, replacements and swaps of neighbours (the optimal string alignment distance).
    private static func distance(from source: [Unicode.Scalar], to target: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...target.count)
        for row in source.indices {
            var current = [row + 1]
            for column in target.indices {
                let replaced = last[column] + (source[row] == target[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[target.count]
    }
}
