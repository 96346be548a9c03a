import Model
import Testing

struct ExitStatusTests {
    @Test(arguments: Int32(0)...255) func `an exit code is kept, without a signal`(code: Int32) {
        #expect(ExitStatus.exited(code: code).exitCode == code)
        #expect(ExitStatus.exited(code: code).signal == nil)
    }

    @Test(arguments: Int32(1)...64) func `the code of a signal is 128 plus its number`(signal: Int32) {
        #expect(ExitStatus.signaled(signal).exitCode == 128 + signal)
        #expect(ExitStatus.signaled(signal).signal == signal)
    }

    @Test(arguments: [
        (ProcessSpec.Invocation.program(path: "/bin/sleep", arguments: ["1"]), "sleep"),
        (.program(path: "/", arguments: []), ""),
        (.command(words: ["/usr/bin/env", "x"], path: nil), "env"),
        (.command(words: ["sleep", "1"], path: "/tmp"), "sleep"),
        (.command(words: [], path: "/usr/bin/true"), "true"),
        (.command(words: [], path: nil), ""),
    ])
    func `a process is named after its program`(invocation: ProcessSpec.Invocation, name: String) {
        #expect(invocation.programName == name)
    }
}
