import CBench
import Glibc
import LinuxSystem

/// Usage: `pm-bench [hub|starts|roundtrip|logs|footprint|respawn|fleet|node|vm|wire]…`; without an argument, all of them
/// but `wire`, which takes an hour (`PM_BENCH_SECONDS`).
/// `PM_BENCH_ROUNDS`: the number of rounds, 5 by default.
private let rounds = getenv("PM_BENCH_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 5
private let arguments = Array(CommandLine.arguments.dropFirst())

if arguments.first == "echo", arguments.count == 2 {
    exit(bench_echo(arguments[1], "pm/echo/control", "pm/echo/response"))
}
if arguments.first == "lines", arguments.count == 2 {
    exit(bench_write_lines(Int32(arguments[1]) ?? 0))
}

do {
    let all = ["hub", "starts", "roundtrip", "logs", "footprint", "respawn", "fleet", "node", "vm"]
    for name in arguments.isEmpty ? all : arguments {
        switch name {
        case "hub": try HubBench.run(rounds: rounds)
        case "starts": try AgentBench.starts(rounds: rounds)
        case "roundtrip": try AgentBench.roundTrip(rounds: rounds)
        case "logs": try LogBench.run(rounds: rounds)
        case "footprint": try FootprintBench.run()
        case "respawn": try RespawnBench.run()
        case "fleet": try FleetBench.run(rounds: rounds)
        case "vm": try VMBench.run(rounds: rounds)
        case "wire": try WireBench.run()
        case "node": try NodeBench.run(rounds: rounds)
        default: throw BenchError("no such benchmark: \(name)")
        }
    }
} catch {
    FileSystem.write("pm-bench: \(error)\n", to: 2)
    exit(111)
}
