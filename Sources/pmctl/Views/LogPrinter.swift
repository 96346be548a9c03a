import JSONCodec
import Model

/// `pmctl logs`: lines as they were written, each to the stream it was written to.
struct LogPrinter {
    let isJSON: Bool

    func print(_ lines: [String], of stream: LogStream) throws(CommandError) {
        guard !lines.isEmpty else { return }
        guard isJSON else { return try Output.write(lines.map(Self.shown), to: stream) }
        for line in lines { try Output.write(["stream": .string(stream.rawValue), "line": .string(line)]) }
    }

    /// Consoles end their lines with a carriage return as well.
    private static func shown(_ line: String) -> String {
        Printable.logLine(line.unicodeScalars.last == "\r" ? String(line.unicodeScalars.dropLast()) : line)
    }

    /// The lines of a message, of which the last need not be ended.
    static func lines(of text: String) -> [String] {
        // By scalars: to a string, a line feed behind a carriage return is none.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
