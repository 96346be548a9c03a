import LinuxSystem
import Model

/// Keeps one VM template per memory size, and finds out which accelerator works.
///
/// Its first template is the test: with KVM if the host has it, then with TCG. If neither works, the test is repeated
/// when QEMU or the image changes, and every ``Limits/vmRetry`` seconds. Templates of other sizes are built on demand,
/// one at a time. A changed QEMU or image discards all templates and starts over. Only ``QemuDriver`` uses it.
final class TemplateStore {
    private enum Finding: Equatable {
        case untried
        case works(Accelerator)
        case fails
    }

    private let installation: QemuInstallation
    private let settings: VMSettings
    private var latestEdition = 0
    private var finding = Finding.untried
    private var kvmFailed = false
    private var templates: [Int: VMTemplate] = [:]
    private var preparation: TemplateBuild?
    /// The memory sizes (MiB) that still need a template; one is built at a time.
    private var wanted: [Int] = []
    private var signature: [String] = []
    private var loop: EventLoop?
    private var changed: () -> Void = {}

    init(_ installation: QemuInstallation, _ settings: VMSettings) {
        self.installation = installation
        self.settings = settings
    }

    /// The accelerator that works; TCG, which works everywhere, until that is known.
    var accelerator: Accelerator {
        if case .works(let accelerator) = finding { accelerator } else { .tcg }
    }

    /// Why no VM can be run; nil if VMs work.
    var obstacle: String? {
        switch finding {
        case .untried: "is being tried"
        case .works: nil
        case .fails: "no guest came up within \(Int(settings.bootTimeout)) s"
        }
    }

    var isPending: Bool { finding == .untried }

    var note: String? {
        guard case .works(let accelerator) = finding else { return nil }
        let reason = kvmFailed ? " (kvm does not work on this host: see the agent's log)" : ""
        return "\(accelerator.rawValue)\(reason)"
    }

    /// - Parameter changed: called when ``obstacle`` or ``note`` has changed.
    func begin(on loop: EventLoop, changed: @escaping () -> Void) {
        self.loop = loop
        self.changed = changed
        tryAll()
    }

    /// The template to clone a VM from; nil if the VM must be booted.
    func template(for vm: VMSpec) -> VMTemplate? {
        // A guest counts its processors at boot: clones always have the template's one.
        vm.cpus == 1 && settings.clones && loop != nil ? templates[vm.memory] : nil
    }

    /// Builds the template for a VM of this size, if there is none.
    func request(for vm: VMSpec) {
        guard vm.cpus == 1, settings.clones, loop != nil, templates[vm.memory] == nil else { return }
        want(vm.memory)
    }

    /// Starts over if QEMU or the image has changed.
    func lookAgain() { if loop != nil, installation.signature != signature { tryAll() } }

    /// Starts over, at the start or with another QEMU or image.
    private func tryAll() {
        signature = installation.signature
        templates = [:]
        wanted = []
        finding = .untried
        kvmFailed = false
        prepare(Limits.vmMemory, installation.hasKVM ? .kvm : .tcg)
    }

    private func want(_ memory: Int) {
        guard case .works = finding, !wanted.contains(memory), templates.count + wanted.count < Limits.vmTemplates
        else { return }
        wanted.append(memory)
        if preparation == nil { prepareNext() }
    }

    private func prepareNext() {
        guard let memory = wanted.first else { return }
        prepare(memory, accelerator)
    }

    private func prepare(_ memory: Int, _ accelerator: Accelerator) {
        guard let loop else { return }
        var job = VMJob(
            id: Self.id, vm: VMSpec(memory: memory), qemu: installation.qemu, image: installation.image,
            accelerator: accelerator, broker: .unix(path: ""), stopGrace: 0)
        job.work = .prepare
        job.bootTimeout = accelerator == .kvm ? Limits.vmProbe : settings.bootTimeout
        latestEdition += 1
        let signature = signature
        do throws(SystemError) {
            preparation = try TemplateBuild(
                job, edition: latestEdition, runner: installation.runner, on: loop
            ) { [unowned self] template in
                preparation = nil
                // QEMU or the image has changed meanwhile: discard the template.
                guard signature == self.signature else { return prepareNext() }
                prepared(template, memory, accelerator)
            }
        } catch {
            prepared(nil, memory, accelerator)
        }
    }

    private func prepared(_ template: VMTemplate?, _ memory: Int, _ accelerator: Accelerator) {
        wanted.removeAll { $0 == memory }
        // Without clones, the template was built only as the test.
        templates[memory] = settings.clones ? template : nil
        if finding == .untried {
            if template == nil, accelerator == .kvm {
                kvmFailed = true
                return prepare(memory, .tcg)
            }
            finding = template == nil ? .fails : .works(accelerator)
            if finding == .fails { awaitChange(until: .now + .seconds(Limits.vmRetry)) }
            changed()
        }
        prepareNext()
    }

    /// Repeats the test after a failure: QEMU or the image may change, or the host was only too busy. Requests don't
    /// trigger that: no client asks a host without VM support for VMs.
    private func awaitChange(until retry: Instant) {
        loop?.after(.seconds(Limits.vmLook)) { [weak self] in
            guard let self, finding == .fails else { return }
            if installation.signature != signature || .now >= retry { tryAll() } else { awaitChange(until: retry) }
        }
    }

    private static let id = Name(sanitizing: "template", fallback: "template")
}
