import Testing

@testable import pmctl

struct SuggestionTests {
    @Test(
        arguments: [
            ("wbe", "web"), ("webb", "web"), ("we", "web"), ("WEB", "web"), ("databsae", "database"),
            ("data", "database"), ("mail", nil), ("x", nil), ("web", nil), ("", nil), ("frontend", nil),
            // Two begin with it.
            ("job", nil), ("job-3", "job-1"),
        ] as [(String, String?)])
    func `a word that is near is suggested`(word: String, suggestion: String?) {
        #expect(Suggestion.nearest(to: word, among: ["web", "database", "job-1", "job-2"]) == suggestion)
    }
}
