import Drivers
import LinuxSystem
import Model

/// Launches of prestarted processes, and their assignment to processes that requests ask for.
extension Launcher {
    /// The assignment that turns a prestarted process into `process`; nil when `process` can't use one.
    func assignment(for process: ManagedProcess) -> PrestartAssignment? {
        var spec = process.spec
        guard spec.ready?.descriptor == nil, (try? admit(&spec, process.origin)) != nil else { return nil }
        let driver = drivers[process.spec.driver] as? any PrestartingDriver
        return driver?.assignment(for: process.spec, as: process.id)
    }

    /// Launches a prestarted process, which belongs to no ``ManagedProcess`` yet.
    func begin(_ prestart: Prestart, of driver: any PrestartingDriver) throws(Failure) -> PrestartedProcess {
        let (plan, limits) = bounded(try driver.planPrestart(), ResourceLimits())
        let number = nextNumber()
        let tree = try forest.plant(number, limits)
        do throws(Failure) {
            let output = try pipe(), error = try pipe()
            link.holder.hold(launch: number, output: output.readEnd.number, error: error.readEnd.number)
            let line = try orFail { () throws(SystemError) in try Descriptor.Pair() }
            var options = options(number, in: tree)
            options.logEnds = (output.readEnd.number, error.readEnd.number)
            options.extras = plan.descriptors.map { ($0.descriptor, $0.target) }
            let streams = LaunchStreams(input: try input(plan.input), others: [])
            let isInput = prestart.lineDescriptor == Prestart.standardInput
            if !isInput { options.extras.append((line.other.number, prestart.lineDescriptor)) }
            let standard = (
                input: isInput ? line.other.number : streams.standard.input ?? null.number,
                output: output.childEnd.number,
                error: error.childEnd.number
            )
            let handle = try execute(plan, options, standard: standard)
            return PrestartedProcess(
                driver: driver.name, edition: prestart.edition, launch: number, tree: tree, line: line.takeOwn(),
                handle: handle, ends: OutputPipes(output: output.takeReadEnd(), error: error.takeReadEnd()))
        } catch {
            link.holder.release(number)
            tree.remove()
            throw error
        }
    }

    private func pipe() throws(Failure) -> LogPipe { try orFail { () throws(SystemError) in try LogPipe() } }

    private func execute(
        _ plan: LaunchPlan, _ options: SpawnOptions, standard: (input: Int32, output: Int32, error: Int32)
    ) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            return try ProcessHandle.spawn(plan, standard: standard, options: options, child: SpawnProgress())
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }
}
