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

    /// What a process is called after when nobody named it.
    func programName(of spec: ProcessSpec) -> String

    /// Turns a wish into something that can be launched, or says why it can't.
    ///
    /// - Parameter id: what the process is called.
    func plan(_ spec: ProcessSpec, as id: Name) throws(Failure) -> LaunchPlan

    /// Removes what it keeps for a process that nobody wants any more.
    func forget(_ id: Name)
}

extension Driver {
    package func forget(_ id: Name) {}
}
