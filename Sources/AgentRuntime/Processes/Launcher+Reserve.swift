import Drivers
import Glibc
import LinuxSystem
import Model
import Wire

/// Processes that have begun before anybody wants them.
extension Launcher {
    /// What makes one in reserve this process; nil when none can be that.
    func wakeUpCall(for process: ManagedProcess) -> WakeUpCall? {
        var spec = process.spec
        // An agent's launch is prepared by planning it.
        guard spec.ready?.descriptor == nil, spec.invocation.isAgent, (try? admit(&spec, process.origin)) != nil else {
            return nil
        }
        return drivers[process.spec.driver]?.wakeUpCall(for: process.spec, as: process.id)
    }

    /// Executes one of a driver's reserve, which is no process's so far.
    func begin(_ reserve: Reserve, of driver: any Driver) throws(Failure) -> Standby {
        let (plan, limits) = bounded(try driver.planReserve(), ResourceLimits())
        let number = nextNumber()
        let tree = try forest.plant(number, limits)
        do throws(Failure) {
            let output = try pipe(), error = try pipe()
            link.holder.hold(launch: number, output: output.readEnd.number, error: error.readEnd.number)
            let line = try orFail { () throws(SystemError) in try Descriptor.Pair() }
            var birth = birth(number, in: tree)
            birth.logEnds = (output.readEnd.number, error.readEnd.number)
            birth.extras = plan.descriptors.map { ($0.descriptor, $0.target) }
            let streams = LaunchStreams(input: try input(plan.input), others: [])
            let isInput = reserve.lineDescriptor == Reserve.standardInput
            if !isInput { birth.extras.append((line.other.number, reserve.lineDescriptor)) }
            let standard = (
                input: isInput ? line.other.number : streams.standard.input ?? null.number,
                output: output.childEnd.number,
                error: error.childEnd.number
            )
            let handle = try execute(plan, birth, standard: standard)
            return Standby(
                driver: driver.name, edition: reserve.edition, launch: number, tree: tree, line: line.takeOwn(),
                handle: handle, ends: Ends(output: output.takeReadEnd(), error: error.takeReadEnd()))
        } catch {
            link.holder.release(number)
            tree.remove()
            throw error
        }
    }

    /// One in reserve, which has been woken, is this process now, by the launch that it has had all the time.
    func launch(_ process: ManagedProcess, from standby: Standby) throws(Failure) -> Ends {
        guard let ends = standby.takeEnds() else { throw Failure(.internal, "it is somebody's already") }
        process.handle = standby.takeHandle()
        process.tree = standby.tree
        process.command = ShellWords.join(standby.arguments)
        return ends
    }

    private func pipe() throws(Failure) -> LogPipe { try orFail { () throws(SystemError) in try LogPipe() } }

    private func execute(
        _ plan: LaunchPlan, _ birth: Birth, standard: (input: Int32, output: Int32, error: Int32)
    ) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            return try ProcessHandle.spawn(plan, standard: standard, birth: birth, child: ChildInSight())
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }
}
