import Glibc
import JSONCodec
import LinuxSystem
import Model
import Wire

/// `pm-vm`'s command line: the agent runs it, with a job on its stdin.
package enum VMCommandLine {
    /// - Returns: 0 when the machine has ended in order, 1 when it has not, 100 when the job can't be used, 111 when the
    ///   system has failed.
    package static func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ensureOpen()
        let job: VMJob
        do {
            let text = try Descriptor(owning: dup(0)).readAll(limit: Limits.payload)
            job = try VMJob(
                try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting))
        } catch {
            Runner.note("is started by pm-agent, with a job on its stdin: \(error)")
            return 100
        }
        do { return try job.work == .prepare ? TemplateMaker(job).run() : Runner(job).run() } catch {
            Runner.note("\(error)")
            return 111
        }
    }
}
