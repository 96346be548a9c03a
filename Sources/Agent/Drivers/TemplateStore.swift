import LinuxSystem
import Model

/// Finds out what runs guests here, and keeps a template for each size of memory that is asked for.
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
    /// Sizes that wait for their template, which are made one after the other.
    private var wanted: [Int] = []
    private var signature: [String] = []
    private var loop: EventLoop?
    private var changed: () -> Void = {}

    init(_ installation: QemuInstallation, _ settings: VMSettings) {
        self.installation = installation
        self.settings = settings
    }

    /// What carries out guests' instructions; until that is known, what works everywhere.
    var accelerator: Accelerator {
        if case .works(let accelerator) = finding { accelerator } else { .tcg }
    }

    /// Why no machine can be run.
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
        let reason = kvmFailed ? " (kvm runs no guest here: the agent's log says more)" : ""
        return "\(accelerator.rawValue)\(reason)"
    }

    /// - Parameter changed: called when ``obstacle`` or ``note`` has changed.
    func begin(on loop: EventLoop, changed: @escaping () -> Void) {
        self.loop = loop
        self.changed = changed
        tryAll()
    }

    /// What a machine can be cloned from; nil when it must be booted.
    func template(for vm: VMSpec) -> VMTemplate? {
        // Processors are counted while booting, so these clones would have one.
        guard loop != nil else { return nil }
        if installation.signature != signature { tryAll() }
        guard vm.cpus == 1, settings.clones else { return nil }
        if let template = templates[vm.memory] { return template }
        want(vm.memory)
        return nil
    }

    /// Begins anew, as when there is another image.
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
                // It is of an image that is no more.
                guard signature == self.signature else { return prepareNext() }
                prepared(template, memory, accelerator)
            }
        } catch {
            prepared(nil, memory, accelerator)
        }
    }

    private func prepared(_ template: VMTemplate?, _ memory: Int, _ accelerator: Accelerator) {
        wanted.removeAll { $0 == memory }
        // That it could be made is all that was to be found out.
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

    /// Where nobody can have machines nobody asks for them, and what they are made of may change all the same; or the
    /// machine was only too busy.
    private func awaitChange(until retry: Instant) {
        loop?.after(.seconds(Limits.vmLook)) { [weak self] in
            guard let self, finding == .fails else { return }
            if installation.signature != signature || .now >= retry { tryAll() } else { awaitChange(until: retry) }
        }
    }

    private static let id = Name(sanitizing: "template", fallback: "template")
}
