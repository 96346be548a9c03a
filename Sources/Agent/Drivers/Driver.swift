package import LinuxSystem
package import Model

/// Knows how to launch one kind of process on this machine.
///
/// What it knows beside the spec (where a binary, an image or a secret is) stays on the machine.
package protocol Driver {
    /// What a spec's `driver` calls it.
    var name: String { get }

    /// Whether it works here, tried for real.
    func fingerprint() -> DriverReport

    /// Begins to find that out, where it takes a while.
    ///
    /// - Parameter changed: called when ``fingerprint()`` says something else.
    func begin(on loop: EventLoop, changed: @escaping () -> Void)

    /// What a process is called after when nobody named it.
    func programName(of spec: ProcessSpec, seeing files: FileView) throws(Failure) -> String

    /// Turns a wish into something that can be launched, or says why it can't.
    ///
    /// - Parameters:
    ///   - id: what the process is called.
    ///   - files: what is known of the files that the wish names; nothing else is done with these.
    func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan

    /// Removes what it keeps for a process that nobody wants any more.
    func forget(_ id: Name)

    /// Whether it ever wants something to be begun before anybody wants it.
    var mayPrestart: Bool { get }

    /// What it wants to be begun before anybody wants it; nil when there is no such thing, or not now.
    var prestart: Prestart? { get }

    /// How one of its reserve begins.
    func planPrestart() throws(Failure) -> LaunchPlan

    /// What makes one of its reserve the process that is wanted; nil when none can be that.
    func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment?
}

extension Driver {
    package func begin(on loop: EventLoop, changed: @escaping () -> Void) {}
    package func forget(_ id: Name) {}
    package var mayPrestart: Bool { false }
    package var prestart: Prestart? { nil }
    package func planPrestart() throws(Failure) -> LaunchPlan { throw Failure(.internal, "\(name) has no reserve") }
    package func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment? { nil }
}
