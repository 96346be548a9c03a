import CKeeper
import CLinux

/// Upgrades: the keeper executes the keeper's program that is on the disk, in its own place, and hands its table over.
///
/// An exec keeps the pid, the children and their ends, the signals that are pending, and the descriptors that are
/// passed. What else the keeper knows is in the table (`pm_table_head`). There is no worker at that time: it has ended
/// for the upgrade. A child tries first whether the program can be executed and understands the table, so that this
/// keeper goes on if it can't. See docs/decisions/0026-upgrade.md.
extension Keeper {
    /// Continues the work of the keeper that has executed this program.
    init(_ own: OwnCommand, continuing table: Int32, _ head: pm_table_head) {
        self.init(own, isVM: false)
        // The predecessor has raised it.
        openFiles.rlim_cur = rlim_t(head.open_files)
        for index in 0..<head.entries {
            var (entry, head) = (pm_table_entry(), head)
            guard pm_table_read_entry(table, &head, index, &entry) != 0 else { break }
            let process = HeldProcess(entry)
            for descriptor in [process.output, process.error] { pm_keeper_pass(descriptor, 0) }
            held.add(process)
        }
        close(table)
        state = head.state
        pm_keeper_pass(state, 0)
        wasReady = true
        hasUntoldHangup = head.flags & UInt32(PM_TABLE_HANGUP) != 0
        endingSignal = head.ending_signal == 0 ? nil : head.ending_signal
        upgrade = UpgradeState(continuing: head)
        guard head.holder > 0 else { return }
        var holder = HolderProcess(pid: head.holder, socket: head.holder_socket)
        holder.replace(holding: held)
        self.holder = holder
    }

    /// Tells the worker whether a successor could take over.
    mutating func trySuccessor() {
        var program: Int32 = -1
        var result = pm_keeper_open_program(own.words[0], &program)
        if result == 0 {
            let table = makeTable()
            result = table < 0 ? pm_errno() : pm_keeper_try(program, table)
            close(table)
        }
        close(program)
        var message = Self.message(PM_TRIED, status: result)
        _ = pm_keeper_send(socket, &message, -1, -1)
    }

    /// Executes the successor, if it can take over.
    ///
    /// - Returns: the exit code of the agent, if it ends; nil if this keeper goes on.
    mutating func executeSuccessor() -> Int32? {
        var program: Int32 = -1
        var result = pm_keeper_open_program(own.words[0], &program)
        if result == 0 {
            let table = makeTable()
            result = table < 0 ? pm_errno() : pm_keeper_try(program, table)
            if result == 0 {
                passDescriptors(true)
                result = pm_keeper_become(program, UnsafeMutablePointer(mutating: own.words), table)
                passDescriptors(false)
            }
            close(table)
        }
        close(program)
        upgrade.ended(result)
        note("the keeper's program on the disk can't take over; this one goes on\n")
        return upgrade.isRefused ? PM_WORKER_REFUSED : nil
    }

    /// - Returns: the descriptor of a new table, or -1.
    private func makeTable() -> Int32 {
        var head = pm_table_head()
        head.entries = UInt32(held.count)
        head.state = state
        (head.holder, head.holder_socket) = (-1, -1)
        holder?.enter(&head)
        head.ending_signal = endingSignal ?? 0
        head.open_files = UInt64(openFiles.rlim_cur)
        head.hand_overs = upgrade.count + 1
        head.flags =
            (hasUntoldHangup ? UInt32(PM_TABLE_HANGUP) : 0)
            | (upgrade.isRefused ? UInt32(PM_TABLE_REFUSED) : 0)
        let table = pm_table_create(head)
        guard table >= 0 else { return -1 }
        let isWhole = held.allSatisfy { process in
            var entry = process.entry
            return pm_table_add(table, &entry) == 0
        }
        guard !isWhole else { return table }
        close(table)
        return -1
    }

    /// Makes an exec keep all descriptors that the table names, or close them.
    private func passDescriptors(_ isPassed: Bool) {
        let flag: Int32 = isPassed ? 1 : 0
        pm_keeper_pass(state, flag)
        pm_keeper_pass(holder?.socket ?? -1, flag)
        held.forEach { process in
            pm_keeper_pass(process.output, flag)
            pm_keeper_pass(process.error, flag)
        }
    }
}
