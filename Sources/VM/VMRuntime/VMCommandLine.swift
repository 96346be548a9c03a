import JSONCodec
import LinuxSystem
import Model
import Wire

/// The command line of `pm-vm`. The agent runs it with a job on stdin.
package enum VMCommandLine {
    /// - Returns: 0 when the VM ended in an orderly way, 1 when it did not, 100 when the job is invalid, 111 for a
    ///   system error.
    package static func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ensureOpen()
        let job: VMJob
        do {
            let text = try Descriptor(copying: 0).readAll(limit: Limits.payload)
            job = try VMJob(
                try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting))
        } catch {
            Runner.note("must be started by pm-agent, with a job on stdin: \(error)")
            return 100
        }
        do { return try job.work == .prepare ? TemplateMaker(job).run() : Runner(job).run() } catch {
            Runner.note("\(error)")
            return 111
        }
    }
}
