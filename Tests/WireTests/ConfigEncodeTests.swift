import JSONCodec
import Model
import TestSupport
import Testing
import Wire

/// Encoding of specs as configs.
struct ConfigEncodeTests {
    private func check(_ config: String, _ encoded: String? = nil) throws {
        let spec = try ProcessSpec(config: .of(config))
        #expect(try spec.config.sorted == .of(encoded ?? config))
    }

    @Test func `defaults are left out`() throws {
        try check(#"{"command":["a"]}"#)
        try check(#"{"path":"/bin/a"}"#)
        try check(#"{"path":"/bin/a","args":[]}"#)
        try check(
            #"{"command":"a 'b c'","driver":"exec","env":{},"restart":{},"stop":{"signal":"TERM"},"limits":{},"log":{"files":5},"depends_on":[],"persist":false}"#,
            #"{"command":["a","b c"]}"#)
    }

    @Test func `all members are encoded`() throws {
        try check(
            #"{"name":"n","driver":"other","path":"/d","command":["a"],"env":{"A":"1","B":{"file":"/f"}},"restart":{"policy":"always","delay":1,"max_delay":2,"reset_after":6,"start_limit":3,"start_interval":4},"stop":{"signal":"INT","to":"main","grace":1},"user":"u","group":"g","umask":"022","nice":-5,"oom_score_adj":700,"limits":{"open_files":1,"core":0,"memory":65536,"cpu":0.5,"pids":2},"stdin":"in","log":{"max_size":4096,"files":1},"health_check":{"http":"http://127.0.0.1:80/","interval":1,"timeout":2,"retries":4},"ready":{"fd":3,"timeout":1},"depends_on":["b",{"process_id":"c","condition":"completed"}],"persist":true}"#
        )
        try check(
            #"{"command":["a"],"schedule":"@daily","schedule_catch_up":true,"health_check":{"tcp":80},"ready":{"tcp":"[::1]:80"},"stop":{"signal":40}}"#,
            #"{"command":["a"],"schedule":"@daily","schedule_catch_up":true,"health_check":{"tcp":"localhost:80"},"ready":{"tcp":"[::1]:80"},"stop":{"signal":40}}"#
        )
        try check(
            #"{"command":["a"],"stdin":{"open":true},"restart":"always","health_check":{"command":"b c"},"ready":{"log_line":"up"}}"#,
            #"{"command":["a"],"stdin":{"open":true},"restart":{"policy":"always"},"health_check":{"command":["b","c"]},"ready":{"log_line":"up"}}"#
        )
    }

    @Test func `nodes and VMs are encoded`() throws {
        try check(
            #"{"name":"n","driver":"node","generation":"g","labels":{"a":"b"},"stop":{"grace":1}}"#,
            #"{"name":"n","driver":"node","generation":"g","labels":{"a":"b"},"stop":{"grace":1}}"#)
        try check(#"{"name":"n","driver":"node"}"#, #"{"name":"n","driver":"node","stop":{"grace":30}}"#)
        try check(
            #"{"name":"v","driver":"qemu","memory_mb":256,"cpus":2}"#,
            #"{"name":"v","driver":"qemu","memory_mb":256,"cpus":2,"stop":{"grace":30}}"#)
        try check(
            #"{"name":"v","driver":"qemu","memory_mb":128,"cpus":1}"#,
            #"{"name":"v","driver":"qemu","stop":{"grace":30}}"#)
    }

    @Test(arguments: ["1", "1048576", "\"128\"", "128.5"]) func `a bad memory size is refused`(memory: String) throws {
        let text = Array(#"{"name":"v","driver":"qemu","memory_mb":\#(memory)}"#.utf8)
        let config = try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        #expect(throws: Failure(.invalidArgument, "config.memory_mb must be a whole number from 112 to 262144")) {
            try ProcessSpec(config: config)
        }
    }

    @Test func `random specs round-trip`() throws {
        var random = RandomSpec(seed: Seed.fresh())
        let seed = random.seed.description
        for _ in 0..<3_000 {
            let spec = try random.next()
            let text = spec.config.printed()
            let config = try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
            let read = try? ProcessSpec(config: config)
            guard read == spec, read?.config == spec.config else {
                Issue.record("\(String(decoding: text, as: UTF8.self)), \(seed)")
                return
            }
        }
    }
}
