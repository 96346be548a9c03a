import Glibc

/// libFuzzer for programs that have a `main` of their own (`LLVMFuzzerRunDriver`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ check: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Name of the fuzz target. It is a global because a C callback can't capture it.
private let target = getenv("PM_FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

guard target != nil else {
    print("usage: PM_FUZZ_TARGET=TARGET pm-fuzz [options of libFuzzer] [corpus]\n")
    for target in FuzzTarget.allCases { print("  \(target.rawValue)") }
    exit(100)
}

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
    runDriver(&count, &arguments) { start, count in
        do throws(Violation) {
            try target?.check(Array(UnsafeBufferPointer(start: start, count: count)))
        } catch {
            fatalError("\(error)")
        }
        return 0
    })
