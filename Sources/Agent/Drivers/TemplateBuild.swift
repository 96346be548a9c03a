import var Glibc.O_RDWR
import JSONCodec
import LinuxSystem
import Model
import Wire

/// Builds one template in the background: a runner boots a guest and saves it.
final class TemplateBuild {
    private let loop: EventLoop
    private let template: VMTemplate
    private var runner: ProcessHandle?
    private var number: Int32 = -1

    /// - Parameter completion: called with the template, or with nil if no guest came up.
    init(
        _ job: VMJob, edition: Int, runner program: String, on loop: EventLoop,
        completion: @escaping (VMTemplate?) -> Void
    ) throws(SystemError) {
        self.loop = loop
        template = try VMTemplate(megabytes: job.vm.memory, edition: edition)
        let input = try Descriptor.memory("job")
        try input.write(job.json.printed())
        let null = try Descriptor.open("/dev/null", O_RDWR)
        let error = Descriptor(copying: 2)
        var options = SpawnOptions()
        options.diesWithParent = true
        options.extras = template.placements.map { ($0.descriptor, $0.target) }
        let plan = LaunchPlan(
            executable: program, arguments: [program, "template"], environment: ["LANG=C.UTF-8"], directory: "/")
        let handle: ProcessHandle
        do throws(SpawnError) {
            handle = try ProcessHandle.spawn(plan, input: input, output: null, error: error, options: options)
        } catch {
            throw SystemError("start \(program)", errno: error.number)
        }
        number = handle.exitDescriptor
        try loop.watch(number, for: .read) { [unowned self] _ in
            guard let status = runner?.reap() else { return }
            loop.unwatch(number)
            completion(status.code == 0 ? sealed : nil)
        }
        runner = consume handle
    }

    private var sealed: VMTemplate? {
        do throws(SystemError) {
            try template.seal()
            return template
        } catch {
            return nil
        }
    }
}
