import JSONCodec
import Model
import Wire

/// `pmctl logs`: prints each line to the stream that the process wrote it to.
struct LogPrinter {
    let isJSON: Bool
    /// Whether each line begins with its time.
    var showsTimes = false
    /// Whether control characters are not escaped, so that escape sequences reach the terminal.
    var isRaw = false

    func print(_ lines: [String], of stream: LogStream) throws(CommandError) {
        try print(lines.map { LogLine($0, on: stream) })
    }

    func print(_ lines: [LogLine]) throws(CommandError) {
        if isJSON {
            for line in lines { try Output.write(line.record(hasTime: showsTimes)) }
            return
        }
        // One write for neighbours of the same stream: a system call for each of ten thousand lines would be slow.
        for group in lines.chunked(by: \.stream) { try Output.write(group.map(shown), to: group[0].stream) }
    }

    private func shown(_ line: LogLine) -> String {
        let text = isRaw ? line.text : Self.shown(line.text)
        return showsTimes ? "\(Quantity.moment(line.time)) \(text)" : text
    }

    /// Without the carriage return that ends the lines of consoles.
    private static func shown(_ line: String) -> String {
        Printable.logLine(line.unicodeScalars.last == "\r" ? String(line.unicodeScalars.dropLast()) : line)
    }

    /// The lines of a message; the last one may lack its line feed.
    static func lines(of text: String) -> [String] {
        // By scalars: in a string, "\r\n" is one character that differs from "\n".
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}

extension LogLine {
    /// A line from the answer to `get_log` with `merge`.
    init?(_ json: JSON) {
        guard let text = json["line"]?.string, let stream = json["stream"]?.string.flatMap(LogStream.init(rawValue:))
        else {
            return nil
        }
        self.init(text, on: stream, at: json["time"]?.number)
    }
}

extension Array {
    fileprivate func chunked<Key: Equatable>(by key: (Element) -> Key) -> [[Element]] {
        var groups: [[Element]] = []
        for element in self {
            if let last = groups.last?.first, key(last) == key(element) {
                groups[groups.count - 1].append(element)
            } else {
                groups.append([element])
            }
        }
        return groups
    }
}
