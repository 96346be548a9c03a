package import LinuxSystem
package import Model

/// Turns specs of one kind of process into launch plans.
///
/// What a driver needs beside the spec (the paths of binaries, images and secrets) comes from the host's configuration,
/// never from a request.
package protocol Driver {
    /// The driver's name in the config member `driver`.
    var name: String { get }

    /// Whether the driver works on this host, found out by trying it.
    func fingerprint() -> DriverReport

    /// Starts the checks behind ``fingerprint()``, if they take long.
    ///
    /// - Parameter changed: called when the result of ``fingerprint()`` has changed.
    func begin(on loop: EventLoop, changed: @escaping () -> Void)

    /// The program name from which the name of an unnamed process is made.
    func programName(of spec: ProcessSpec, seeing files: FileView) throws(Failure) -> String

    /// Prepares what a launch of this spec needs on this host: writes files, checks installations, requests templates.
    /// Called once per launch before ``plan(_:as:seeing:)``, after the policy has admitted the spec.
    func prepare(_ spec: ProcessSpec, as id: Name) throws(Failure)

    /// Turns a spec into a launch plan. Changes nothing.
    ///
    /// - Parameters:
    ///   - id: the process's id.
    ///   - files: the lookups of files that the spec names. The driver accesses these files only through it.
    /// - Throws: why the spec can't be launched, or that a lookup is missing (``FileView/missing``).
    func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan

    /// Removes the files that the driver keeps for a process, when that is removed.
    func forget(_ id: Name)
}

/// A driver that can prestart processes.
package protocol PrestartingDriver: Driver {
    /// Whether the host's configuration asks for prestarted processes.
    var mayPrestart: Bool { get }

    /// The processes to prestart; nil if there are none to prestart now.
    var prestart: Prestart? { get }

    /// Updates ``prestart`` after a change on the host, for example of the image.
    func lookAgain()

    /// The launch plan of a prestarted process.
    func planPrestart() throws(Failure) -> LaunchPlan

    /// Prepares the assignment of a spec to a prestarted process.
    ///
    /// - Returns: nil if the spec needs a launch of its own.
    func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment?
}

extension Driver {
    package func begin(on loop: EventLoop, changed: @escaping () -> Void) {}
    package func prepare(_ spec: ProcessSpec, as id: Name) throws(Failure) {}
    package func forget(_ id: Name) {}
}

extension PrestartingDriver {
    package func lookAgain() {}
}
