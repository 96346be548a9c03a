import LinuxSystem

/// A launch that has succeeded: what its process takes over.
struct Launched: ~Copyable {
    let handle: ProcessHandle
    let tree: ProcessTree
    let arguments: [String]
    let pipes: Launcher.OutputPipes
}
