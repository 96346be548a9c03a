import Glibc

/// Makes system calls that can be interrupted, and repeats them on EINTR.
enum System {
    /// - Returns: what `call` returned when that is not negative.
    @discardableResult
    static func call<Result: SignedInteger>(
        _ action: @autoclosure () -> String, _ call: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            if number != EINTR { throw SystemError(action(), errno: number) }
        }
    }
}
