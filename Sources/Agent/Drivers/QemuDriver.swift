import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// The driver `qemu`: runs VMs, each with an agent inside that has the process's name.
///
/// It launches a runner (`pm-vm`) per VM, which has QEMU as its child and keeps running when the agent dies.
/// ``TemplateStore`` finds out whether QEMU works and keeps the templates; a VM is cloned from a template if there is
/// one, else booted. With `vm_pool`, the pool keeps runners with cloned guests prestarted. While QEMU or the image is
/// missing, the driver looks for them again from time to time.
package final class QemuDriver: PrestartingDriver {
    package let name = ProcessSpec.vmDriver

    private let broker: StreamTarget
    private let guest: () throws(Failure) -> GuestBroker
    private let settings: VMSettings
    private var installation: QemuInstallation
    private var templates: TemplateStore
    private var lookedAt = Instant.now
    private var loop: EventLoop?
    private var changed: () -> Void = {}

    /// - Parameters:
    ///   - broker: the only address that guests can connect to.
    ///   - guest: returns the broker settings for a guest. Called for each VM, because certificates may have been
    ///     renewed.
    package init(
        broker: StreamTarget, guest: @escaping () throws(Failure) -> GuestBroker, settings: VMSettings
    ) {
        self.broker = broker
        self.guest = guest
        self.settings = settings
        installation = QemuInstallation(image: settings.image)
        templates = TemplateStore(installation, settings)
    }

    package func begin(on loop: EventLoop, changed: @escaping () -> Void) {
        self.loop = loop
        self.changed = changed
        if installation.obstacle == nil {
            templates.begin(on: loop, changed: changed)
        } else if installation.mayChange {
            awaitInstallation()
        }
    }

    /// Looks again periodically, while something is missing. Requests don't trigger that: no client asks a host without
    /// VM support for VMs.
    private func awaitInstallation() {
        loop?.after(.seconds(Limits.vmLook)) { [weak self] in
            guard let self, installation.obstacle != nil else { return }
            look()
            if installation.obstacle != nil { awaitInstallation() }
        }
    }

    private func look() {
        let found = QemuInstallation(image: settings.image)
        lookedAt = .now
        guard found != installation else { return }
        installation = found
        guard found.obstacle == nil, let loop else { return changed() }
        templates = TemplateStore(found, settings)
        templates.begin(on: loop, changed: changed)
        changed()
    }

    package func fingerprint() -> DriverReport {
        DriverReport(
            name: name, reason: installation.obstacle ?? templates.obstacle,
            isPending: installation.obstacle == nil && templates.isPending, note: templates.note)
    }

    package func programName(of spec: ProcessSpec, seeing files: FileView) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan {
        guard case .vm(let vm) = spec.invocation else {
            throw Failure(.invalidArgument, "\(name) runs virtual machines only")
        }
        if let obstacle = installation.obstacle { throw Failure(.driverUnavailable, obstacle) }
        let template = templates.template(for: vm)
        var job = try job(id, vm, spec)
        job.work = template == nil ? .boot : .clone
        var plan = try plan(job, template)
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.oomScore = spec.identity.oomScore ?? plan.oomScore
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    package func prepare(_ spec: ProcessSpec, as id: Name) {
        if installation.obstacle != nil, (.now - lookedAt).inSeconds > Limits.vmLook { look() }
        lookAgain()
        if installation.obstacle == nil, case .vm(let vm) = spec.invocation { templates.request(for: vm) }
    }

    private func job(_ id: Name, _ vm: VMSpec, _ spec: ProcessSpec?) throws(Failure) -> VMJob {
        var job = VMJob(
            id: id, vm: vm, qemu: installation.qemu, image: installation.image,
            accelerator: templates.accelerator, broker: broker,
            stopGrace: Self.innerGrace(of: spec?.stop.grace ?? Limits.innerAgentGrace))
        job.guest = try guest()
        job.bootTimeout = settings.bootTimeout
        job.silenceTimeout = settings.silenceTimeout
        return job
    }

    private func plan(_ job: VMJob, _ template: VMTemplate?) throws(Failure) -> LaunchPlan {
        let environment = try BaseEnvironment.merged(with: [], account: nil, seeing: FileView())
        var plan = LaunchPlan(
            executable: installation.runner, arguments: [installation.runner, job.id.description],
            environment: environment.assignments, directory: "/")
        plan.input = job.json.printed()
        plan.descriptors = template?.placements ?? []
        plan.memory = UInt64(job.vm.footprint) << 20
        plan.cpu = Double(job.vm.cpus) + Limits.vmCPURoom
        return plan
    }

    /// The guest agent's grace period in seconds: shorter than the VM's, so that the guest ends before the VM is
    /// killed.
    private static func innerGrace(of grace: Double) -> Double { max(0, min(Limits.gracePeriod, grace - 1)) }
}

// MARK: The pool

extension QemuDriver {
    private var poolTemplate: VMTemplate? {
        guard settings.pool > 0, installation.obstacle == nil else { return nil }
        return templates.template(for: VMSpec())
    }

    package var mayPrestart: Bool { settings.pool > 0 }

    package func lookAgain() { if installation.obstacle == nil { templates.lookAgain() } }

    package var prestart: Prestart? {
        poolTemplate.map {
            Prestart(count: settings.pool, edition: $0.edition, lineDescriptor: VMJob.lineDescriptor)
        }
    }

    package func planPrestart() throws(Failure) -> LaunchPlan {
        guard let template = poolTemplate else { throw Failure(.driverUnavailable, "there is no template") }
        var job = try job(Self.prestarted, VMSpec(), nil)
        job.work = .park
        return try plan(job, template)
    }

    /// Only for default VMs with default identity and limits: a running process can't be given others.
    package func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment? {
        lookAgain()
        guard case .vm(let vm) = spec.invocation, let template = poolTemplate,
            VMSpec(agent: vm.agent) == vm, spec.identity == Identity(), spec.limits == ResourceLimits(),
            var job = try? job(id, vm, spec)
        else { return nil }
        job.work = .clone
        return PrestartAssignment(
            edition: template.edition, bytes: job.json.printed() + [UInt8(ascii: "\n")],
            arguments: [installation.runner, id.description])
    }

    private static let prestarted = Name(sanitizing: "parked", fallback: "parked")
}
