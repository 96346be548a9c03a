import CLinux
import Glibc

extension ProcessHandle {
    /// Launches a program and waits for its exec, which only the calling thread does. Success means that exec has
    /// succeeded.
    package static func spawn(
        _ plan: LaunchPlan, input: borrowing Descriptor, output: borrowing Descriptor, error: borrowing Descriptor,
        options: SpawnOptions = SpawnOptions()
    ) throws(SpawnError) -> ProcessHandle {
        try spawn(
            plan, standard: (input.number, output.number, error.number), options: options, child: SpawnProgress())
    }

    /// The same.
    ///
    /// - Parameters:
    ///   - standard: the process's descriptors 0, 1 and 2; they are borrowed.
    ///   - child: the launch as other threads see it.
    package static func spawn(
        _ plan: LaunchPlan, standard: (input: Int32, output: Int32, error: Int32), options: SpawnOptions,
        child: SpawnProgress
    ) throws(SpawnError) -> ProcessHandle {
        var request = pm_spawn_plan(plan, options)
        request.standard_input = standard.input
        request.standard_output = standard.output
        request.standard_error = standard.error
        let cgroup = try directory(of: options.cgroup)
        request.cgroup = cgroup.number
        var listener: Int32 = -1
        let (pid, number) = withUnsafeMutablePointer(to: &listener) { listener in
            request.listener = listener
            return plan.withCStrings(in: &request) { request in
                let pid = pm_spawn(request, child.pidfd, child.stage)
                return (pid, errno)
            }
        }
        if listener >= 0 { options.network?.opened(listener) }
        guard pid > 0 else { throw SpawnError(stage: child.stage.pointee, number: number) }
        return ProcessHandle(pid: pid, pidfd: child.take(), isChildOfInit: options.parentReaps && getppid() == 1)
    }

    /// Number -1 if there is no cgroup.
    private static func directory(of cgroup: Cgroup?) throws(SpawnError) -> Descriptor {
        guard let cgroup else { return Descriptor(owning: -1) }
        do throws(SystemError) {
            return try Descriptor.open(cgroup.path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw SpawnError(stage: PM_SPAWN_CGROUP, number: error.number)
        }
    }
}

extension pm_spawn_plan {
    /// Everything but pointers and the standard descriptors.
    fileprivate init(_ plan: LaunchPlan, _ options: SpawnOptions) {
        self.init()
        parent_reaps = options.parentReaps ? 1 : 0
        birth = options.announcement ?? -1
        log_ends = options.logEnds ?? (-1, -1)
        launch = options.launch ?? UInt64.max
        cgroup = -1
        soft_open_files = OpenFiles.inherited
        open_files = plan.openFiles ?? UInt64.max
        core = plan.coreSize ?? UInt64.max
        data = plan.dataSize ?? UInt64.max
        has_nice = plan.nice == nil ? 0 : 1
        nice = plan.nice ?? 0
        oom_score_adj = OOMScore.ofChild(plan.oomScore)
        user = plan.account?.user ?? UInt32.max
        group = plan.account?.group ?? UInt32.max
        umask = plan.umask ?? UInt32.max
        if let program = plan.judgedProgram { judged_program = program.identity.value }
        program_is_settled = plan.judgedProgram?.isSettled == true ? 1 : 0
        if let directory = plan.judgedDirectory { judged_directory = directory.value }
        no_new_privileges = plan.forbidsNewPrivileges ? 1 : 0
        inner_port = options.network?.port ?? 0
        dies_with_parent = options.diesWithParent ? 1 : 0
        let placements = options.extras.sorted { $0.target < $1.target }.prefix(SpawnOptions.maximumExtras)
        extra_count = UInt32(placements.count)
        withUnsafeMutableBytes(of: &extras) { bytes in
            let places = bytes.bindMemory(to: pm_placement.self)
            for (index, place) in placements.enumerated() {
                places[index] = pm_placement(descriptor: place.descriptor, target: place.target)
            }
        }
    }
}

extension LaunchPlan {
    /// Calls `body` with a request that points to this plan's strings and groups.
    fileprivate func withCStrings<Result>(
        in request: inout pm_spawn_plan, _ body: (UnsafePointer<pm_spawn_plan>) -> Result
    ) -> Result {
        arguments.withCStrings { arguments in
            environment.withCStrings { environment in
                executable.withCString { executable in
                    directory.withCString { directory in
                        (account?.groups ?? []).withUnsafeBufferPointer { groups in
                            request.arguments = arguments
                            request.environment = environment
                            request.executable = executable
                            request.directory = directory
                            request.groups = groups.baseAddress
                            request.group_count = UInt32(groups.count)
                            return body(&request)
                        }
                    }
                }
            }
        }
    }
}

extension [String] {
    /// The strings as a C argv: an array of pointers that ends with NULL.
    fileprivate func withCStrings<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers: [UnsafeMutablePointer<CChar>?] = map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { buffer in
            // An array with at least the final nil has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("an empty argument vector") }
            return body(base)
        }
    }
}
