import ArgumentParser
import func Glibc.exit
import var Glibc.SIGHUP
import var Glibc.SIGTERM
import JSONCodec
import LinuxSystem
import Model
import Wire

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a command on a host, shows its output, and ends with its exit code.",
        discussion: """
            Example: pmctl run alpha -- df -h
            Example: pmctl run alpha --stdin -- sh -s < script.sh

            The command's stdout goes to stdout and its stderr to stderr, line by line. The exit code is that of the \
            command, 128 + the number for a signal, and 111 if it could not be started. No shell runs the command; to \
            use one, run it: -- sh -c 'a | b'

            Ctrl-C stops the command and all that it started; a second Ctrl-C kills it. The process is removed when it \
            has ended. If the connection is lost meanwhile, it keeps running, and pmctl goes on when it is back.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", completion: .hosts, transform: Arguments.host) var host: HostName
    @OptionGroup var environment: EnvironmentOptions
    @Option(help: ArgumentHelp("The user that the command runs as, a name or a number.", valueName: "user"))
    var user: String?
    @Option(
        help: ArgumentHelp(
            "A limit: open_files, core, memory, cpu or pids, such as memory=64M.", valueName: "name=value"),
        transform: Arguments.limit)
    var limit: [JSON.Member] = []
    @Flag(help: "Read stdin to its end first (256 KiB of text at most), and give it to the command.")
    var stdin = false
    @Flag(help: "Whether the process and its logs are removed when it has ended. (default: --rm)")
    var end = Disposal.rm
    @Argument(help: "The program, searched in the host's PATH, and its arguments.") var command: [String]

    enum Disposal: EnumerableFlag { case rm, keep }

    func run() throws {
        let input = try stdin ? Self.input() : nil
        let bus = try options.connect()
        let entry: ProcessReport
        let run: RemoteRun
        do {
            defer { bus.close() }
            let id = try environment.name ?? Self.newName()
            try bus.requireOnline(host)
            let position = try environment.name.map { try bus.end(ofLog: $0, on: host) } ?? Self.beginning
            run = RemoteRun(config(id, input), as: id, on: host, position: position, bus: bus, show: print)
            try bus.handleSignals([SIGTERM, SIGHUP]) { _ in run.interrupt() }
            entry = try run.finish()
            if end == .rm { try bus.remove(id, from: host) }
        }
        try finish(entry, run)
    }

    /// The beginning of a log, as the position for `get_log`.
    static let beginning: JSON = ["stdout": "", "stderr": ""]

    private static func newName() throws(CommandError) -> Name {
        guard let name = Name("run-\(RandomText.make().prefix(8))") else { throw .failed("no name can be made") }
        return name
    }

    private static func input() throws(CommandError) -> String {
        let bytes: [UInt8]
        do { bytes = try StandardStreams.readInput(limit: Limits.payload) } catch { throw .failed("\(error)") }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw .failed("stdin is not text in UTF-8: a command can be given only that")
        }
        return text
    }

    func config(_ id: Name, _ input: String?) -> JSON {
        var config = environment.applied(to: ["command": .array(command.map { .string($0) })])
            .setting("name", .string(id.description))
        if let user { config = config.setting("user", .string(user)) }
        if let input { config = config.setting("stdin", .string(input)) }
        if !limit.isEmpty { config = config.setting("limits", limit.reduce([:]) { $0.setting($1) }) }
        // Ctrl-C means to the command what it means on a terminal. Its output may be long and the connection slow.
        return config.setting("stop", ["signal": "INT"])
            .setting("log", ["max_size": .number(Limits.runLogSize), "files": .number(Limits.runLogFiles)])
    }

    /// Line by line as the command has written them: also escape sequences.
    private func print(_ lines: [LogLine]) throws(CommandError) {
        try LogPrinter(isJSON: options.json, isRaw: true).print(lines)
    }

    private func finish(_ entry: ProcessReport, _ run: RemoteRun) throws {
        if run.isMute { throw CommandError.outputClosed }
        guard let code = entry.exitCode else {
            throw CommandError.failed(
                "\(entry.id) ended with an unknown exit code\(entry.error.map { ": \($0)" } ?? "")")
        }
        if run.hasGap, code == 0 { throw CommandError.failed("the output of \(entry.id) is not complete") }
        if code != 0 { Glibc.exit(Int32(truncatingIfNeeded: code)) }
    }
}

extension Bus {
    /// The position at the end of a process's log; that of an empty log if there is no such process.
    fileprivate func end(ofLog id: Name, on host: HostName) throws(CommandError) -> JSON {
        let answer = try request(
            .getLog, of: host, ["process_id": .string(id.description), "lines": .number(1), "position": true])
        if answer.code == .noSuchProcess { return RunCommand.beginning }
        if let refusal = answer.refusal { throw .failed(refusal) }
        return answer.result["position"] ?? RunCommand.beginning
    }

    /// Removes an ended process. A failure is only told: the exit code of the process counts more.
    fileprivate func remove(_ id: Name, from host: HostName) throws(CommandError) {
        let arguments: JSON = ["process_id": .string(id.description)]
        do throws(CommandError) {
            let answer = try request(.removeProcess, of: host, arguments)
            if let refusal = answer.refusal { Output.complain("pmctl: \(id) is not removed: \(refusal)") }
        } catch {
            Output.complain("pmctl: \(id) is not removed: \(error.text ?? "interrupted")")
        }
    }
}
