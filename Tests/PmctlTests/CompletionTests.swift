import TestSupport
import Testing

@testable import pmctl

/// Completion of names, as shells ask for it.
struct CompletionTests {
    @Test func `the words say which broker to ask, and which host`() {
        let words = [
            "pmctl", "--context", "c", "logs", "--broker=mqtt://b", "alpha", "--ca", "/x", "-f", "", "--", "--key", "k",
        ]
        let completion = NameCompletion(words)
        #expect(completion.brokerOptions == ["--context", "c", "--broker=mqtt://b", "--ca", "/x"])
        #expect(completion.plainWords == ["logs", "alpha", ""])
    }

    /// A bash that has loaded the script which pmctl prints, and completes `line`.
    private func complete(_ line: String, _ pmctl: Pmctl) async throws -> [String] {
        let script = """
            PATH=$(dirname "$PMCTL"):$PATH PM_BROKER=$URL; export PATH PM_BROKER
            pmctl --generate-completion-script bash > "$0"; . "$0"
            COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
            eval "COMP_WORDS=($COMP_LINE)"; case $COMP_LINE in *' ') COMP_WORDS+=('');; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            $(complete -p pmctl | sed 's/.*-F \\([^ ]*\\).*/\\1/') pmctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let folder = try TemporaryFolder()
        try folder.write(script, to: "script")
        let result = try await pmctl.shell("bash -c \"$(cat \(folder.path)/script)\" \(folder.path)/completion")
        #expect(result.errors.isEmpty, "\(result)")
        return result.lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }.sorted()
    }

    @Test func `hosts and processes come from the broker`() async throws {
        try await withBroker { broker in
            let (alpha, beta) = (try await FakeAgent(broker, "alpha"), try await FakeAgent(broker, "beta"))
            try await alpha.say("process/web", Samples.running)
            try await alpha.say("process/db", Samples.running)
            try await beta.say("process/other", Samples.running)
            let pmctl = Pmctl(broker)
            #expect(try await complete("pmctl --timeout 60 run ", pmctl) == ["alpha", "beta"])
            #expect(try await complete("pmctl --timeout 60 logs al", pmctl) == ["alpha"])
            #expect(try await complete("pmctl --timeout 60 logs alpha ", pmctl) == ["db", "web"])
            #expect(try await complete("pmctl --timeout 60 logs alpha w", pmctl) == ["web"])
            #expect(try await complete("pmctl --timeout 60 --json logs beta ", pmctl) == ["other"])
        }
    }

    @Test func `nothing is said when the broker does not answer`() async throws {
        let silent = try SilentListener()
        let pmctl = Pmctl(url: silent.url)
        #expect(try await complete("pmctl logs al", pmctl) == [])
        #expect(try await complete("pmctl --timeout 60 logs al", Pmctl(url: "mqtt://127.0.0.1:1")) == [])
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func `each shell's script asks pmctl`(shell: String) async throws {
        let script = try await Pmctl(url: "mqtt://127.0.0.1:1").run("--generate-completion-script", shell)
        #expect(script.exitCode == 0 && script.output.contains("---completion"))
    }
}
