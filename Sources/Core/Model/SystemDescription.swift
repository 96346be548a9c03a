/// What a host runs on. Nothing in it identifies a person or a network.
package struct SystemDescription: Equatable, Sendable {
    /// PRETTY_NAME of os-release(5); nil where there is none.
    package var os: String?
    /// Release of the kernel (uname(2)).
    package var kernel: String
    /// Hardware name (uname(2)), such as `x86_64`.
    package var arch: String
    package var cpus: Int
    /// Bytes.
    package var memory: Int

    package init(os: String?, kernel: String, arch: String, cpus: Int, memory: Int) {
        self.os = os
        self.kernel = kernel
        self.arch = arch
        self.cpus = cpus
        self.memory = memory
    }
}
