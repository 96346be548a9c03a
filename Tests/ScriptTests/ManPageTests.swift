import Glibc
import TestSupport
import Testing

/// The manual pages in docs/man, compared with the programs and their settings.
@Suite struct ManPageTests {
    private static let folder = "\(Shell.root)/docs/man"
    private static let pages = TemporaryFolder.names(in: folder)

    private static func page(_ name: String) -> String { TemporaryFolder.text(of: "\(folder)/\(name)") }
    private static func source(_ path: String) -> String { TemporaryFolder.text(of: "\(Shell.root)/Sources/\(path)") }

    /// The long and short options that a part of a page documents, without dashes: "Fl -name" is "--name" in mdoc.
    private static func options(in text: Substring) -> Set<String> {
        Set(
            text.matches(of: /Fl [^\n]*/).flatMap { line in
                line.output.split(separator: " ").map { String($0.drop { $0 == "-" }) }
            })
    }

    private static let mandocObstacle: String? = {
        let obstacle = access("/usr/bin/mandoc", X_OK) == 0 ? nil : "mandoc is not installed"
        if let obstacle { print("Manual pages are not linted: \(obstacle)") }
        return obstacle
    }()

    private let shell: Shell

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: []) }

    @Test(.enabled(if: mandocObstacle == nil, "needs mandoc"), arguments: pages)
    func `a page is correct mdoc`(page: String) async throws {
        let output = try await shell.run(["/usr/bin/mandoc", "-T", "lint", "-W", "warning", "\(Self.folder)/\(page)"])
        #expect(output.isEmpty, "\(output)")
    }

    @Test(arguments: pages) func `a page has all sections`(page: String) {
        let text = Self.page(page)
        let common = ["NAME", "DESCRIPTION", "FILES", "EXAMPLES", "SEE ALSO"]
        let ofPrograms = ["SYNOPSIS", "OPTIONS", "ENVIRONMENT", "EXIT STATUS"]
        let ofDaemons = ["SIGNALS"]
        let wanted =
            common + (page.hasSuffix(".5") ? ["SETTINGS"] : ofPrograms) + (page.hasSuffix(".8") ? ofDaemons : [])
        for section in wanted { #expect(text.contains("\n.Sh \(section)\n"), "\(section)") }
        #expect(text.contains(".Dt \(page.dropLast(2).uppercased()) \(page.suffix(1))\n"))
    }

    @Test func `every program that is installed has a page`() {
        let installer = TemporaryFolder.text(of: "\(Shell.root)/scripts/install.sh")
        let listed = installer.firstMatch(of: /for program in ([^;]+);/)?.output.1.split(separator: " ") ?? []
        let scripts = installer.matches(of: /\$prefix\/sbin\/(pm[\w-]+)/).map(\.output.1)
        let programs = Set(listed + scripts)
        #expect(listed.count > 5 && !scripts.isEmpty)
        for program in programs {
            #expect(Self.pages.contains("\(program).1") || Self.pages.contains("\(program).8"), "\(program)")
        }
    }

    @Test(arguments: ["pm-agent", "pm-cluster"])
    func `the page of a daemon has every option of its help`(program: String) async throws {
        let help = try await shell.run([try Binaries.find(program), "--help"])
        let options = Self.options(in: Self.page("\(program).8")[...])
        let listed = help.matches(of: /--([a-z][a-z-]*)/).map { String($0.output.1) }
        #expect(listed.count > 8)
        for option in listed { #expect(options.contains(option), "--\(option)") }
    }

    @Test func `the page of pm-relay has every option`() {
        let options = Self.options(in: Self.page("pm-relay.8")[...])
        let flags = Self.source("Platform/pm-relay/main.c").matches(of: #/\{"--([a-z-]+)", /#).map {
            String($0.output.1)
        }
        #expect(flags.count > 5)
        for flag in flags { #expect(options.contains(flag), "--\(flag)") }
    }

    /// A command with its options, from the JSON in which ArgumentParser describes a program.
    private struct Command {
        let path: String
        /// The names of each option that is not hidden, without dashes.
        let options: [String]

        static func all(_ json: JSONValue, _ parents: [String] = []) -> [Command] {
            let path = parents + [json["commandName"]?.string ?? ""]
            let shown = (json["arguments"]?.array ?? []).filter { $0["shouldDisplay"] != .bool(false) }
            let options = shown.flatMap { argument in
                (argument["names"]?.array ?? []).compactMap { $0["name"]?.string }
            }
            let isHelp = path.count == 2 && path.last == "help"
            let own = isHelp ? [] : [Command(path: path.dropFirst().joined(separator: " "), options: options)]
            return own + (json["subcommands"]?.array ?? []).flatMap { all($0, path) }
        }
    }

    /// The options of all commands are in OPTIONS; others are in the section of their command, `.Ss node create`.
    @Test func `the page of pmctl has a section for each command with all its options`() async throws {
        let json = try JSONValue(try await shell.run([try Binaries.pmctl, "--experimental-dump-help"]))
        let commands = Command.all(try #require(json["command"]))
        let page = Self.page("pmctl.1")
        let common = Self.options(
            in: page.prefix(upTo: try #require(page.firstRange(of: "\n.Sh COMMANDS\n")).lowerBound))
        let own = commands.dropFirst()
        #expect(own.count > 15 && commands[0].options.count > 5)
        for option in commands[0].options { #expect(common.contains(option), "--\(option) in OPTIONS") }
        for command in own {
            let start = page.firstRange(of: "\n.Ss \(command.path)\n")?.upperBound
            guard let start else {
                Issue.record("there is no section \"\(command.path)\"")
                continue
            }
            let end = page[start...].firstRange(of: "\n.S")?.lowerBound ?? page.endIndex
            let options = common.union(Self.options(in: page[start..<end]))
            for option in command.options { #expect(options.contains(option), "--\(option) of \(command.path)") }
        }
        let sections = page.matches(of: /\n\.Ss ([^\n]+)/).map { String($0.output.1) }
        for section in sections where !own.map(\.path).contains(section) { Issue.record("pmctl has no \(section)") }
    }

    @Test func `the page of pmqtt-user has every action and role`() {
        let script = TemporaryFolder.text(of: "\(Shell.root)/broker/user.sh")
        let usages = script.matches(of: /broker\/user\.sh (\w+) DIR(?: NAME)?(?: ([a-z]+))?/)
        let page = Self.page("pmqtt-user.8")
        #expect(usages.count > 5)
        for usage in usages {
            #expect(page.contains("\n.It Cm \(usage.output.1)\n"), "\(usage.output.1)")
            if let role = usage.output.2 { #expect(page.contains("\n.It Cm \(role)"), "\(role)") }
        }
    }

    /// The names in the lists of settings that a program accepts in its file.
    private static func settings(_ lists: [(file: String, start: String)]) -> Set<String> {
        Set(
            lists.flatMap { file, start -> [String] in
                let text = source(file)
                guard let range = text.firstRange(of: start) else { return [] }
                let list = text[range.upperBound...].prefix { $0 != "]" }
                return list.matches(of: /"(\w+)"/).map { String($0.output.1) }
            })
    }

    private static let shared = [
        ("Platform/ServiceSupport/Configuration/Settings.swift", "requestSettings = ["),
        ("Platform/MQTTTransport/BrokerAddress+Settings.swift", "settings = ["),
    ]

    @Test(arguments: [
        ("pmqtt-agent.json.5", "Agent/AgentRuntime/Configuration/AgentConfiguration+Read.swift"),
        ("pmqtt-cluster.json.5", "ClusterManager/ClusterRuntime/Configuration/ClusterConfiguration.swift"),
    ])
    func `the page of a configuration has every setting`(page: String, file: String) {
        let text = Self.page(page)
        let described = Set(
            text.matches(of: /\n\.It Va ([^\n]+)/).flatMap { item in
                item.output.1.split { $0 == " " || $0 == "," }.map(String.init)
            })
        let settings = Self.settings(Self.shared + [(file, "settings = [")]).union(["broker"])
        #expect(settings.count > 20)
        for setting in settings { #expect(described.contains(setting), "\(setting)") }
    }
}
