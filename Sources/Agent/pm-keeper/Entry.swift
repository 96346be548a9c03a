import CKeeper
import CLinux

/// pm-agent executes `pm-keeper <path of pm-agent> <argv of pm-agent>`. So does a keeper whose successor this program is:
/// then there is a table.
///
/// Embedded Swift has no `CommandLine`. So this is the C entry point, under the name that SwiftPM links as `main`.
@_cdecl("pm_keeper_main")
func main(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    if count == 1, let name = arguments[0], pm_is_holder(name) != 0 {
        var holder = PipeHolder()
        holder.run()
        return 0
    }
    // A guest's init has no arguments. In a container, pid 1 has those of pm-agent.
    if count < 2, getpid() == 1 { initGuest() }
    let table = pm_table_inherited()
    var head = pm_table_head()
    let isSuccessor = table >= 0 && pm_table_read(table, &head) != 0
    // The trial of a successor, in a child of the keeper.
    if count == 2, let word = arguments[1], strcmp(word, "--try") == 0 { return isSuccessor ? 0 : PM_TABLE_UNKNOWN }
    guard count > 2, let path = arguments[1] else {
        note("must be started by pm-agent\n")
        return 100
    }
    let own = OwnCommand(words: arguments, path: path, arguments: arguments + 2)
    // An exec keeps the pid, so the table of another process is none for this one.
    var keeper =
        isSuccessor && head.keeper == getpid()
        ? Keeper(own, continuing: table, head) : Keeper(own, isVM: false)
    return keeper.run()
}

/// Runs as a guest's init. The VM ends when the keeper does.
private func initGuest() -> Never {
    if pm_keeper_begin_guest() != 0 { note("can't mount /proc\n") }
    if let words = pm_keeper_guest_arguments() {
        let own = OwnCommand(words: words, path: pm_keeper_guest_path, arguments: words)
        var keeper = Keeper(own, isVM: true)
        _ = keeper.run()
    }
    pm_keeper_end_guest()
    while true { _ = pause() }
}

/// Logs one line to stderr.
func note(_ text: StaticString) {
    pm_keeper_note(text.utf8Start, text.utf8CodeUnitCount)
}
