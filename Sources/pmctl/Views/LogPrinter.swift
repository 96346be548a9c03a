import JSONCodec
import Model

/// `pmctl logs`: lines as they were written, each to the stream it was written to.
struct LogPrinter {
    let isJSON: Bool

    func print(_ lines: [String], of stream: LogStream) throws(CommandError) {
        guard !lines.isEmpty else { return }
        guard isJSON else { return try Output.write(lines.map(Printable.logLine), to: stream) }
        for line in lines { try Output.write(["stream": .string(stream.rawValue), "line": .string(line)]) }
    }

    /// The lines of a message, of which the last need not be ended.
    static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
