import JSONCodec
import Model

extension ProcessReference {
    init(blueZero body: JSON) throws(Failure) {
        guard let pid = body.optional("pid") else { throw Failure(.missingArgument, "missing pid") }
        guard let pid = pid.integer else { throw Failure(.invalidArgument, "pid must be a whole number") }
        self = .pid(pid)
    }

    init(method arguments: Field) throws(Failure) {
        guard let field = arguments["process_id"] else {
            throw Failure(.missingArgument, "missing \(arguments.name(of: "process_id"))")
        }
        if let text = field.json.string {
            guard let id = Name(text) else { throw Failure(.invalidArgument, "\(field.name) is no valid process id") }
            self = .id(id)
        } else {
            guard let pid = field.json.integer else { throw field.invalid("an id or a pid") }
            self = .pid(pid)
        }
    }
}
