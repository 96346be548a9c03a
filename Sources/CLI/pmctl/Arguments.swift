import ArgumentParser
import JSONCodec
import Model
import Wire

/// Parsers of single command-line arguments. Each throws a `ValidationError` that says what is wrong.
enum Arguments {
    static func host(_ text: String) throws(ValidationError) -> HostName {
        if let host = HostName(text) { return host }
        let isReserved = HostName.reserved.contains(text)
        throw ValidationError(isReserved ? "\(text) is a reserved name, not a host" : "a host name is \(nameGrammar)")
    }

    /// A host name, or a selector.
    static func hosts(_ text: String) throws(ValidationError) -> HostPattern {
        guard HostSelector.isSelector(text) else { return HostPattern(try host(text)) }
        do { return try HostPattern(selector: text) } catch { throw ValidationError(error.detail) }
    }

    /// `NAME=VALUE` or `NAME!=VALUE`, where the value may be a pattern.
    static func label(_ text: String) throws(ValidationError) -> HostPattern {
        let pattern: HostPattern
        do { pattern = try HostPattern(selector: text) } catch { throw ValidationError(error.detail) }
        guard pattern.selector.isAnyName, text.utf8.contains(UInt8(ascii: "=")) else {
            throw ValidationError("it must be NAME=VALUE or NAME!=VALUE")
        }
        return pattern
    }

    static func name(_ text: String) throws(ValidationError) -> Name {
        guard let name = Name(text) else { throw ValidationError("a process id is \(nameGrammar)") }
        return name
    }

    /// `id`, `id=up` or `id=completed`.
    static func dependency(_ text: String) throws(ValidationError) -> Dependency {
        guard let equals = text.firstIndex(of: "=") else { return Dependency(try name(text)) }
        guard let condition = Dependency.Condition(rawValue: String(text[text.index(after: equals)...])) else {
            throw ValidationError("the condition after = must be up or completed")
        }
        return Dependency(try name(String(text[..<equals])), condition)
    }

    /// Only digits: a pid. Anything else: a process id.
    static func process(_ text: String) throws(ValidationError) -> ProcessReference {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .id(try name(text)) }
        guard let pid = Int32(text) else { throw ValidationError("the pid is too large") }
        return .pid(Int(pid))
    }

    /// An id, a pid, or a pattern of ids.
    static func processes(_ text: String) throws(ValidationError) -> ProcessPattern {
        guard Glob.isPattern(text) else { return .reference(try process(text)) }
        do { return .glob(try Glob(text)) } catch { throw ValidationError(error.detail) }
    }

    /// `NAME=VALUE`; the value may be empty.
    static func variable(_ text: String) throws(ValidationError) -> EnvironmentVariable {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ValidationError("it must be NAME=VALUE")
        }
        return EnvironmentVariable(
            name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
    }

    /// `NAME=/path`, or a local file.
    static func variableSource(_ text: String) throws(ValidationError) -> VariableSource {
        guard text.utf8.contains(UInt8(ascii: "=")) else { return .localFile(text) }
        let variable = try variable(text)
        guard case .text(let path) = variable.value, path.hasPrefix("/") else {
            throw ValidationError("the path must be absolute: it is a path on the host")
        }
        return .hostFile(EnvironmentVariable(name: variable.name, value: .file(path)))
    }

    /// A port, or an address and a port, as a config has it.
    static func endpoint(_ text: String) throws(ValidationError) -> JSON {
        Int(text).map { .number($0) } ?? .string(text)
    }

    /// `NAME=VALUE`; a value that reads as a number becomes a JSON number.
    static func limit(_ text: String) throws(ValidationError) -> JSON.Member {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ValidationError("it must be NAME=VALUE, such as memory=64M")
        }
        let value = String(text[text.index(after: equals)...])
        return JSON.Member(String(text[..<equals]), Double(value).map { .number($0) } ?? .string(value))
    }

    /// A signal as requests carry it: a name without `SIG`, or a number that has no name.
    static func signal(_ text: String) throws(ValidationError) -> JSON {
        if let number = SignalName.number(of: text) { return .string(SignalName.name(of: number) ?? text) }
        guard let number = Int32(text), (1...Limits.signal).contains(number) else {
            throw ValidationError("a signal is a name such as HUP, or a number from 1 to \(Limits.signal)")
        }
        return .number(number)
    }

    private static let nameGrammar =
        "1 to \(Limits.nameLength) of A-Z a-z 0-9 . _ -, a letter or digit first"
}
