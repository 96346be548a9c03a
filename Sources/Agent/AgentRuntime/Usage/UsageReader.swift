import LinuxSystem
import Model

/// Reads what the agent's processes use, in a thread, because /proc and the cgroups of many processes take their time.
///
/// All that ask while a reading is under way get its result, and those that ask soon after it get the same again.
final class UsageReader {
    typealias Result = [Name: ProcessUsage]

    private let loop: EventLoop
    private let supervisor: Supervisor
    private var latest: Result = [:]
    private var readAt: Instant?
    private var waiting: [(Result) -> Void] = []
    /// Seconds of processor time that the latest reading took.
    private(set) var cost = 0.0

    init(_ supervisor: Supervisor) {
        self.supervisor = supervisor
        loop = supervisor.loop
    }

    /// - Parameter completion: called once with the usage of each live process, also from within this call.
    func read(_ completion: @escaping (Result) -> Void) {
        if let readAt, (Instant.now - readAt).inSeconds < Limits.usageAge { return completion(latest) }
        waiting.append(completion)
        if waiting.count == 1 { begin() }
    }

    private func begin() {
        var ids: [UInt64: Name] = [:]
        let subjects = supervisor.processes.compactMap { process -> UsageSurvey.Subject? in
            guard process.isUp, let subject = process.run?.tree.subject else { return nil }
            ids[process.launch.number] = process.id
            return subject
        }
        let job = Job(UsageSurvey(subjects))
        do throws(SystemError) {
            try BackgroundWork.start(on: loop) {
                job.survey.read()
            } completion: { [self] in
                end(job.survey, ids)
            }
        } catch {
            // No thread: the figures are missing, as where the host does not tell them.
            end(job.survey, ids)
        }
    }

    private func end(_ survey: UsageSurvey, _ ids: [UInt64: Name]) {
        cost = survey.cost
        latest = [:]
        for (launch, usage) in survey.usage {
            guard let id = ids[launch] else { continue }
            latest[id] = ProcessUsage(
                cpuSeconds: usage.cpuSeconds?.rounded(toPlaces: 3), memory: usage.memory, tasks: usage.tasks,
                openFiles: usage.openFiles)
        }
        readAt = .now
        let completions = waiting
        waiting = []
        for completion in completions { completion(latest) }
    }

    /// What the thread has for itself.
    private final class Job {
        var survey: UsageSurvey
        init(_ survey: UsageSurvey) { self.survey = survey }
    }
}
