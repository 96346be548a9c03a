// swift-tools-version: 6.2
import PackageDescription

/// Set by `make fuzz` (fuzzer) and `make check-sanitize` (address, thread), which build in their own folders.
let sanitizer = Context.environment["PM_SANITIZE"]
/// Set by `make unit`, which builds only the targets that the tests without a broker need.
let isUnit = Context.environment["PM_UNIT"] != nil
let isFuzzing = sanitizer == "fuzzer"

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])] : [])

/// Links the Swift runtime into the daemons and the plugin: nothing else to install, and half the memory.
/// docs/decisions/0002-static-runtime.md says what each flag saves. The sanitizers need the shared runtime.
let staticFlags = [
    "-static-stdlib", "-L\(Context.packageDirectory)/scripts/link", "-use-ld=lld", "-Xlinker", "--icf=all", "-Xlinker",
    "--no-export-dynamic",
]
let staticRuntime: [LinkerSetting] = sanitizer != nil ? [] : [.unsafeFlags(staticFlags)]

/// The same for pmctl, with the libraries that a static Foundation needs and the toolchain does not list. Not in a debug
/// build, where the tests link pmctl into their bundle, which has the shared runtime.
let staticCommandLine: [LinkerSetting] =
    sanitizer != nil
    ? []
    : ["_FoundationCollections", "_FoundationCShims", "swiftSynchronization"].map {
        .linkedLibrary($0, .when(configuration: .release))
    } + [
        .unsafeFlags(staticFlags, .when(configuration: .release))
    ]

let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The targets under test in FuzzTests, which `make fuzz` builds with libFuzzer and `make test` runs on the corpus.
private let fuzzed: [Target.Dependency] = [
    "Model", "Supervision", "Routing", "JSONCodec", "Wire", "MQTTTransport", "ServiceSupport", "Drivers",
    "AgentRuntime",
    "ClusterRuntime",
]
let fuzz: Target =
    isFuzzing
    ? .executableTarget(
        name: "pm-fuzz", dependencies: fuzzed, path: "Tests/FuzzTests", exclude: ["Corpus", "CorpusTests.swift"],
        swiftSettings: strict, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
    : .testTarget(
        name: "FuzzTests", dependencies: fuzzed, exclude: ["Corpus", "main.swift"], swiftSettings: strict)

let package = Package(
    name: "pmqtt",
    products: [
        .executable(name: "pm-agent", targets: ["pm-agent"]),
        .executable(name: "pm-keeper", targets: ["pm-keeper"]),
        .executable(name: "pm-vm", targets: ["pm-vm"]),
        .executable(name: "pm-cluster", targets: ["pm-cluster"]),
        .executable(name: "pmctl", targets: ["pmctl"]),
        .executable(name: "pm-relay", targets: ["pm-relay"]),
        .library(name: "pm_hub", type: .dynamic, targets: ["HubPlugin"]),
        .library(name: "pm_jump", type: .dynamic, targets: ["CClockJump"]),
        .library(name: "pm_nolocks", type: .dynamic, targets: ["CNoLocks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // C libraries. Each is imported by one target of the product.
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .systemLibrary(name: "CMosquittoPlugin", providers: [.apt(["mosquitto-dev", "libmosquitto-dev"])]),
        .systemLibrary(name: "CcJSON", pkgConfig: "libcjson", providers: [.apt(["libcjson-dev"])]),
        // OpenSSL, because libmosquitto is linked with it.
        .target(name: "CTLS", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CLinux"),
        .target(name: "CKeeper", dependencies: ["CLinux"]),

        // Pure: no I/O, no clock.
        module("Model"),
        module("Supervision", ["Model"]),
        module("Routing", ["Model"]),
        module("Cluster", ["Model"]),

        // The protocol.
        .target(
            name: "JSONCodec", dependencies: ["CcJSON"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        module("Wire", ["Model", "JSONCodec"]),

        // The outside world.
        module("LinuxSystem", ["CLinux", heap, deque]),
        module("MQTTTransport", ["CMosquitto", "CTLS", "LinuxSystem", "Model", deque]),
        .executableTarget(
            name: "pm-relay", dependencies: ["CTLS"], cSettings: [.define("_GNU_SOURCE")],
            // Embedded, because C needs no Swift runtime.
            linkerSettings: [
                .linkedLibrary("curl"), .linkedLibrary("wslay"),
                .unsafeFlags(["-enable-experimental-feature", "Embedded", "-no-toolchain-stdlib-rpath"]),
            ]),
        module("Drivers", ["Model", "Wire", "JSONCodec", "LinuxSystem"]),
        module("Logs", ["Model", "LinuxSystem"]),
        module("ServiceSupport", ["Model", "Wire", "JSONCodec", "LinuxSystem", "Logs", "MQTTTransport", deque]),

        // The programs.
        module(
            "AgentRuntime",
            [
                "Model", "Supervision", "Wire", "JSONCodec", "LinuxSystem", "MQTTTransport", "Drivers", "Logs",
                "ServiceSupport", deque,
            ]),
        .executableTarget(
            name: "pm-agent", dependencies: ["AgentRuntime"], swiftSettings: strict, linkerSettings: staticRuntime),
        module("VMRuntime", ["Model", "Wire", "JSONCodec", "LinuxSystem", "Logs"]),
        .executableTarget(
            name: "pm-vm", dependencies: ["VMRuntime"], swiftSettings: strict, linkerSettings: staticRuntime),
        module(
            "ClusterRuntime",
            ["Model", "Cluster", "Wire", "JSONCodec", "LinuxSystem", "MQTTTransport", "ServiceSupport"]),
        .executableTarget(
            name: "pm-cluster", dependencies: ["ClusterRuntime"], swiftSettings: strict, linkerSettings: staticRuntime),
        // Embedded Swift: no runtime, a fifth of the memory (docs/decisions/0008-keeper.md).
        .executableTarget(
            name: "pm-keeper", dependencies: ["CKeeper", "CLinux"],
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableExperimentalFeature("Embedded"),
                .unsafeFlags(["-wmo"]),
            ],
            linkerSettings: [.linkedLibrary("m"), .unsafeFlags(["-Xclang-linker", "-static"])]),
        module("HubRuntime", ["Routing", "Wire", "JSONCodec", "Model"]),
        .target(
            name: "HubPlugin",
            dependencies: ["CMosquittoPlugin", "HubRuntime", "Routing", "Wire", "Model"],
            exclude: ["exports.map"],
            swiftSettings: strict,
            // nodelete: the Swift runtime cannot be unloaded, because it keeps its metadata of types.
            linkerSettings: staticRuntime + [
                .unsafeFlags([
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/Hub/HubPlugin/exports.map",
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                ])
            ]),
        .executableTarget(
            name: "pmctl",
            dependencies: ["MQTTTransport", "LinuxSystem", "Wire", "JSONCodec", "Model", argumentParser, deque],
            swiftSettings: strict, linkerSettings: staticCommandLine),

        // Tests and benchmarks, with a real mosquitto.
        module("TestSupport", ["CMosquitto"]),
        // In place of a broker.
        module("UnitSupport", ["MQTTTransport"]),
        .target(name: "CBench", linkerSettings: [.linkedLibrary("mosquitto")]),
        // The child in the respawn benchmark: static and without a runtime (Benchmarks/pm-beacon/main.c says why).
        .executableTarget(
            name: "pm-beacon",
            linkerSettings: [
                .unsafeFlags(["-enable-experimental-feature", "Embedded", "-Xclang-linker", "-static"])
            ]),
        .executableTarget(
            name: "pm-bench",
            dependencies: ["CBench", "TestSupport", "MQTTTransport", "LinuxSystem", "Logs", "Model", deque],
            swiftSettings: strict),
        .executableTarget(
            name: "pm-soak", dependencies: ["TestSupport", "LinuxSystem"], swiftSettings: strict),
        // A library that `pm-soak chaos` preloads into agents.
        .target(name: "CClockJump"),
        .target(name: "CNoLocks"),
        .executableTarget(name: "test-child"),
        .executableTarget(name: "test-link"),
        tests("ModelTests", ["Model", "TestSupport"]),
        tests("SupervisionTests", ["Supervision", "Model", "TestSupport"]),
        tests("JSONCodecTests", ["JSONCodec", "TestSupport"]),
        tests("WireTests", ["Wire", "JSONCodec", "Model", "TestSupport"]),
        tests("DriversTests", ["Drivers", "LinuxSystem", "Model", "TestSupport"]),
        tests("LinuxSystemTests", ["LinuxSystem", "TestSupport"]),
        tests(
            "ServiceSupportTests",
            [
                "ServiceSupport", "MQTTTransport", "LinuxSystem", "Wire", "JSONCodec", "Model", "TestSupport",
                "UnitSupport",
            ]),
        tests(
            "AgentRuntimeTests",
            ["AgentRuntime", "Supervision", "LinuxSystem", "JSONCodec", "Model", "ServiceSupport"]),
        tests(
            "ClusterRuntimeTests",
            [
                "Cluster", "ClusterRuntime", "MQTTTransport", "LinuxSystem", "Wire", "JSONCodec", "Model",
                "TestSupport", "UnitSupport",
            ]),
        tests("MQTTTransportTests", ["MQTTTransport", "LinuxSystem", "Model", "TestSupport"]),
        tests("RoutingTests", ["Routing", "Model"]),
        tests("HubRuntimeTests", ["HubRuntime", "Routing", "Wire", "JSONCodec", "Model", "TestSupport"]),
        tests("ClusterTests", ["Cluster", "Model", "TestSupport"]),
        tests("LogsTests", ["Logs", "LinuxSystem", "Model", "TestSupport"]),
        tests("BrokerTests", ["TestSupport", "JSONCodec"]),
        tests(
            "PmctlTests",
            ["pmctl", "TestSupport", "MQTTTransport", "LinuxSystem", "Wire", "JSONCodec", "Model", argumentParser]),
        tests("ProcessTests", ["TestSupport"]),
        tests("VMRuntimeTests", ["VMRuntime", "Model"]),
        tests("VMTests", ["TestSupport"]),
        tests("ClusterProcessTests", ["TestSupport"]),
        tests("HostileTests", ["TestSupport"]),
        tests("ScriptTests", ["TestSupport"]),
        tests("SystemdTests", ["TestSupport"]),
        fuzz,
        tests("TidyTests", []),
    ]
)

/// The folders of all targets except test targets. Each wing has a README.
let wings: [(folder: String, targets: [String])] = [
    ("Sources/Core", ["Model", "Supervision", "Routing", "Cluster"]),
    ("Sources/Wire", ["CcJSON", "JSONCodec", "Wire"]),
    (
        "Sources/Platform",
        ["CLinux", "LinuxSystem", "Logs", "CMosquitto", "CTLS", "MQTTTransport", "ServiceSupport", "pm-relay"]
    ),
    ("Sources/Agent", ["Drivers", "AgentRuntime", "pm-agent", "CKeeper", "pm-keeper"]),
    ("Sources/VM", ["VMRuntime", "pm-vm"]),
    ("Sources/ClusterManager", ["ClusterRuntime", "pm-cluster"]),
    ("Sources/Hub", ["CMosquittoPlugin", "HubRuntime", "HubPlugin"]),
    ("Sources/CLI", ["pmctl"]),
    ("Tests/Support", ["TestSupport", "UnitSupport", "CClockJump", "CNoLocks", "test-child", "test-link"]),
    ("Benchmarks", ["CBench", "pm-beacon", "pm-bench", "pm-soak"]),
]
for wing in wings {
    for target in package.targets where wing.targets.contains(target.name) {
        target.path = "\(wing.folder)/\(target.name)"
    }
}

if sanitizer != nil {
    // Embedded Swift supports no sanitizers.
    package.targets.removeAll { ["pm-keeper", "pm-beacon"].contains($0.name) }
    package.products.removeAll { $0.name == "pm-keeper" }
}

if isUnit {
    let leftOutOfUnit = [
        "BrokerTests", "ClusterProcessTests", "HostileTests", "LinuxSystemTests", "MQTTTransportTests", "PmctlTests",
        "ProcessTests", "ScriptTests", "SystemdTests", "VMTests",
    ]
    package.targets.removeAll {
        leftOutOfUnit.contains($0.name) || $0.type == .executable && $0.name != "test-child" || $0.name == "HubPlugin"
    }
    package.products = []
}
