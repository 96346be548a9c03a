/// The command line of the keeper: its own program, and the worker's program and argv.
struct OwnCommand {
    /// The keeper's argv, terminated by NULL.
    let words: UnsafePointer<UnsafeMutablePointer<CChar>?>
    /// The path of the worker's program.
    let path: UnsafePointer<CChar>
    /// The worker's argv, terminated by NULL.
    let arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>
}
