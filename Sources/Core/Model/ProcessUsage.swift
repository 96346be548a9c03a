/// What a process and its descendants use. A field is nil where the host doesn't tell it.
package struct ProcessUsage: Equatable, Sendable {
    /// Seconds of processor time since the process's start.
    package var cpuSeconds: Double?
    /// Bytes of memory, without file contents that the kernel can drop.
    package var memory: Int?
    /// Threads.
    package var tasks: Int?
    package var openFiles: Int?

    package init(cpuSeconds: Double? = nil, memory: Int? = nil, tasks: Int? = nil, openFiles: Int? = nil) {
        self.cpuSeconds = cpuSeconds
        self.memory = memory
        self.tasks = tasks
        self.openFiles = openFiles
    }
}
