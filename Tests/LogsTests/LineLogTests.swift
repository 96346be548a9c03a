import Logs
import Model
import TestSupport
import Testing

/// Lines that a daemon writes itself.
struct LineLogTests {
    private func log(in folder: TemporaryFolder) -> LineLog {
        var rules = LogRules()
        (rules.maximumSize, rules.files) = (4_096, 3)
        return LineLog(LogFiles(directory: folder.path, name: "own.log", rules: rules))
    }

    @Test func `the latest lines are kept, whole and in order, in at most the allowed files`() throws {
        let folder = try TemporaryFolder()
        let log = log(in: folder)
        for number in 0..<1_000 { try log.append(Array("line \(number)".utf8)) }
        let names = TemporaryFolder.names(in: folder.path)
        #expect(names.sorted() == ["own.log", "own.log.1", "own.log.2"])
        for name in names { #expect(folder.read(name).utf8.count < 4_096 + 16) }
        let numbers = (folder.read("own.log.2") + folder.read("own.log.1") + folder.read("own.log"))
            .split(separator: "\n").compactMap { Int($0.dropFirst("line ".count)) }
        #expect(numbers.last == 999 && numbers == Array(999 - numbers.count + 1...999))
    }

    @Test func `a log may be removed, or left over from another run`() throws {
        let folder = try TemporaryFolder()
        try log(in: folder).append(Array("a".utf8))
        let log = log(in: folder)
        try log.append(Array("b".utf8))
        #expect(folder.read("own.log") == "a\nb\n")
        log.remove()
        #expect(TemporaryFolder.names(in: folder.path).isEmpty)
        try log.append(Array("c".utf8))
        #expect(folder.read("own.log") == "c\n")
    }
}
