import JSONCodec
import Model
import Wire

extension GlobalOptions {
    /// Prints the outcome of a request: one line, or with `--json` the `result` of the answer. Throws on a refusal.
    func show(_ answer: Answer, as line: (JSON) -> String) throws(CommandError) {
        if json { try Output.write(answer.result) }
        if let error = answer.error { throw error }
        if !json { try Output.write([Printable.line(line(answer.result))]) }
    }
}

extension JSON {
    /// ", pid 42", from the `result` of an answer; empty without a pid.
    var pidText: String { self["pid"]?.integer.map { ", pid \($0)" } ?? "" }
}

extension ProcessReference {
    /// The value of `process_id` in a request's arguments.
    var json: JSON {
        switch self {
        case .id(let id): .string(id.description)
        case .pid(let pid): .number(pid)
        }
    }
}

extension ProcessReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .id(let id): id.description
        case .pid(let pid): "pid \(pid)"
        }
    }
}
