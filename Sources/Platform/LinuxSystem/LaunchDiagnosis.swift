import CLinux
import Glibc

/// Finds out which file could not be executed or entered, and for which user, to explain a ``SpawnError``.
///
/// It looks at files, so it must run in a thread that may block.
package struct LaunchDiagnosis {
    private let plan: LaunchPlan
    private let error: SpawnError
    private let lookers: Lookers

    package init(of error: SpawnError, _ plan: LaunchPlan, by lookers: Lookers) {
        self.plan = plan
        self.error = error
        self.lookers = lookers
    }

    /// Children that make the file system calls, one file each.
    package final class Lookers {
        private let all = (0..<3).map { _ in SpawnProgress() }
        private var used = 0

        package init() {}

        /// Kills the children that are looking.
        package func interrupt() { for child in all { child.kill() } }

        func answer(_ query: FileQuery, as account: Account? = nil) -> FileAnswer {
            guard used < all.count else { return .unanswered }
            used += 1
            return query.answer(by: all[used - 1], as: account)
        }
    }

    /// A lower-case phrase for the requester.
    package var text: String {
        if error.isOfDirectory { return "working directory \(plan.directory): \(words(error.number))" }
        guard error.isOfProgram else { return error.reason }
        switch error.number {
        case ENOENT, EACCES, ENOEXEC, ELOOP, ENOTDIR: return ofFirstLine ?? "program \(program): \(words(error.number))"
        default: return "program \(program): \(words(error.number))"
        }
    }

    private var program: String { plan.executable }

    /// The program's path for a process with another working directory.
    private var place: String { program.hasPrefix("/") ? program : "\(plan.directory)/\(program)" }

    private func words(_ number: Int32) -> String {
        if number == ESTALE { return "was replaced while it was checked" }
        let reason = SystemError.reason(number)
        guard number == EACCES || number == EPERM else { return reason }
        return "\(reason) for user \(plan.account?.name ?? User.current.name)"
    }

    /// What is wrong with the file's interpreter (`#!` line) or loader (PT_INTERP); nil if the cause is not there.
    private var ofFirstLine: String? {
        guard case .bytes(let bytes) = lookers.answer(.read(place, nil, limit: 4096)) else { return nil }
        if bytes.starts(with: Self.elf) {
            guard error.number == ENOENT, let loader = Self.loader(of: bytes) else { return nil }
            return "interpreter \(loader) of \(program): \(words(error.number))"
        }
        guard let line = Self.firstLine(of: bytes) else {
            guard error.number == ENOEXEC else { return nil }
            return "program \(program): \(words(error.number)) (its first line does not begin with #!)"
        }
        guard let interpreter = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) else {
            return "program \(program): \(words(error.number)) (its first line names no interpreter)"
        }
        if interpreter.hasSuffix("\r"), error.number == ENOENT {
            return "interpreter \(interpreter.dropLast()) of \(program): \(words(error.number))"
                + " (the first line ends with CR LF, and the CR counts as part of the interpreter's name)"
        }
        guard error.number != ENOENT else {
            let reason = "interpreter \(interpreter) of \(program): \(words(error.number))"
            guard case .sight = lookers.answer(.look(interpreter)) else { return reason }
            return "\(reason) (it exists, but its own interpreter does not)"
        }
        // The program itself may be the file that can't be executed.
        guard mayExecute(place) == true, mayExecute(interpreter) == false else { return nil }
        return "interpreter \(interpreter) of \(program): \(words(error.number))"
    }

    /// Whether the account of the process may execute the file; nil when that is not known.
    private func mayExecute(_ path: String) -> Bool? {
        switch lookers.answer(.look(path), as: plan.account) {
        case .sight(let found): found.isExecutable
        case .error: false
        case .bytes, .unanswered: nil
        }
    }

    /// The text after `#!`; nil if the file begins with something else.
    private static func firstLine(of bytes: [UInt8]) -> String? {
        guard bytes.starts(with: "#!".utf8) else { return nil }
        let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }

    private static let elf: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

    /// The PT_INTERP of a 64-bit little-endian program (elf(5)).
    private static func loader(of bytes: [UInt8]) -> String? {
        func number(at offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= bytes.count else { return nil }
            return bytes[offset..<offset + size].reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }.asSize
        }
        guard let table = number(at: 32, 8), let size = number(at: 54, 2), let count = number(at: 56, 2) else {
            return nil
        }
        for index in 0..<count where number(at: table + index * size, 4) == 3 {
            guard let offset = number(at: table + index * size + 8, 8),
                let length = number(at: table + index * size + 32, 8), length > 1, length < 4096,
                offset + length <= bytes.count
            else { return nil }
            return String(decoding: bytes[offset..<offset + length - 1], as: UTF8.self)
        }
        return nil
    }
}

extension UInt {
    /// Nil if it is larger than any file, so that sums don't overflow.
    fileprivate var asSize: Int? { self < 1 << 48 ? Int(self) : nil }
}
