import CLinux
import Glibc

/// A child that leads a session and a process group of its own, held by pidfd: never a later process of the same number.
package struct ProcessHandle: ~Copyable {
    package let pid: Int32
    private let pidfd: Descriptor

    private init(pid: Int32, pidfd: Int32) {
        self.pid = pid
        self.pidfd = Descriptor(owning: pidfd)
    }

    /// Starts a program. Success means that exec has succeeded.
    ///
    /// One thread may spawn at a time (see `pm_spawn`).
    package static func spawn(
        _ plan: LaunchPlan, input: borrowing Descriptor, output: borrowing Descriptor, error: borrowing Descriptor
    ) throws(SpawnError) -> ProcessHandle {
        var pidfd: Int32 = -1
        var stage = PM_SPAWN_CLONE
        let (inputNumber, outputNumber, errorNumber) = (input.number, output.number, error.number)
        let (pid, number) = plan.arguments.withCStrings { arguments in
            plan.environment.withCStrings { environment in
                plan.executable.withCString { executable in
                    plan.directory.withCString { directory in
                        var request = pm_spawn_plan(
                            executable: executable, arguments: arguments, environment: environment,
                            directory: directory, standard_input: inputNumber, standard_output: outputNumber,
                            standard_error: errorNumber, open_files: OpenFiles.inherited)
                        let pid = pm_spawn(&request, &pidfd, &stage)
                        return (pid, errno)
                    }
                }
            }
        }
        guard pid > 0 else { throw SpawnError(stage: stage, number: number) }
        return ProcessHandle(pid: pid, pidfd: pidfd)
    }

    /// Sends a signal to the whole process group; without a member left, to nobody.
    package func signalGroup(_ signal: Int32) { _ = send(signal) }

    /// Whether nobody of the process group is left, zombies included.
    package var isGroupEmpty: Bool { !send(0) }

    /// - Returns: false when the group has no member.
    private func send(_ signal: Int32) -> Bool {
        if pidfd_send_signal(pidfd.number, signal, nil, Self.toProcessGroup) == 0 { return true }
        // Before Linux 6.9 a pidfd can't name a group. The number is as good: we are the one who reaps the group's
        // orphans, and a group's number is taken as long as it has a member.
        if errno == EINVAL { return kill(-pid, signal) == 0 || errno == EPERM }
        return errno == EPERM
    }

    /// PIDFD_SIGNAL_PROCESS_GROUP of <linux/pidfd.h>, which Debian 12 does not have yet.
    private static let toProcessGroup: UInt32 = 1 << 2
}

extension [String] {
    /// The strings as C wants argv: an array of pointers that ends with NULL.
    fileprivate func withCStrings<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers: [UnsafeMutablePointer<CChar>?] = map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { buffer in
            // An array with the closing nil in it has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("an empty argument vector") }
            return body(base)
        }
    }
}
