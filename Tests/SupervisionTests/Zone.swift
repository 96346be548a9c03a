import Glibc
import TestSupport

/// A time zone as the C library knows it: a table of its clock changes, from a child process with the zone as `TZ`.
struct Zone: Sendable {
    let name: String
    private let times: [Int]
    private let offsets: [Int]

    /// The times of clock changes, without the start of the table.
    var changes: ArraySlice<Int> { times.dropFirst() }

    init(_ name: String, from first: Int, to last: Int) throws {
        self.name = name
        let folder = try TemporaryFolder()
        let words = [
            "/usr/bin/env", "TZ=\(name)", try Binaries.testChild, "--offsets", "\(first):\(last)", "--exit", "0",
        ]
        guard try ChildProcess(words, log: "\(folder.path)/offsets").wait() == 0 else {
            throw TestError("no offsets of \(name)")
        }
        let lines = folder.read("offsets").split(separator: "\n").map {
            $0.split(separator: " ").compactMap { Int($0) }
        }
        times = lines.map { $0[0] }
        offsets = lines.map { $0[1] }
    }

    func offset(at time: Int) -> Int {
        var low = 0, high = times.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle } else { high = middle }
        }
        return offsets[low]
    }
}
