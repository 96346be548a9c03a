import Glibc
import Model
import Testing

struct SignalNameTests {
    @Test(
        arguments: [
            ("HUP", SIGHUP), ("INT", SIGINT), ("QUIT", SIGQUIT), ("ILL", SIGILL), ("TRAP", SIGTRAP), ("ABRT", SIGABRT),
            ("BUS", SIGBUS), ("FPE", SIGFPE), ("KILL", SIGKILL), ("USR1", SIGUSR1), ("SEGV", SIGSEGV),
            ("USR2", SIGUSR2), ("PIPE", SIGPIPE), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("STKFLT", SIGSTKFLT),
            ("CHLD", SIGCHLD), ("CONT", SIGCONT), ("STOP", SIGSTOP), ("TSTP", SIGTSTP), ("TTIN", SIGTTIN),
            ("TTOU", SIGTTOU), ("URG", SIGURG), ("XCPU", SIGXCPU), ("XFSZ", SIGXFSZ), ("VTALRM", SIGVTALRM),
            ("PROF", SIGPROF), ("WINCH", SIGWINCH), ("IO", SIGIO), ("PWR", SIGPWR), ("SYS", SIGSYS),
        ])
    func `the names match this system's numbers`(name: String, number: Int32) {
        #expect(SignalName.name(of: number) == name)
        #expect(SignalName.number(of: name) == number)
    }

    @Test(arguments: [("TERM", 15), ("SIGTERM", 15), ("sigterm", 15), ("hup", 1), ("Usr1", 10), ("SYS", 31)])
    func `a signal name may have the prefix SIG and any case`(text: String, number: Int32) {
        #expect(SignalName.number(of: text) == number)
    }

    @Test(arguments: ["", "SIG", "SIGSIGTERM", "TERMINATE", "15", "RTMIN", " TERM"])
    func `an unknown name has no number`(text: String) { #expect(SignalName.number(of: text) == nil) }

    @Test(arguments: [0, -1, 32, 64, .max, .min] as [Int32])
    func `numbers without a name have none`(number: Int32) { #expect(SignalName.name(of: number) == nil) }
}
