package import JSONCodec
package import Model

extension ProcessSpec {
    /// A config that ``init(config:named:)`` decodes to this spec. Defaults are left out.
    package var config: JSON {
        var members = Members()
        members.add("name", name.map { .string($0.description) })
        if driver != Self.standardDriver { members.add("driver", .string(driver)) }
        invocation.write(to: &members)
        if !environment.isEmpty { members.add("env", .object(environment.map { .init($0.name, $0.value.json) })) }
        rules.write(to: &members)
        return members.json
    }
}

extension ProcessSpec.Rules {
    fileprivate func write(to members: inout Members) {
        if restart != RestartRules() { members.add("restart", restart.json) }
        if stop != StopRules() { members.add("stop", stop.json) }
        identity.write(to: &members)
        if mayGainPrivileges { members.add("new_privileges", true) }
        if limits != ResourceLimits() { members.add("limits", limits.json) }
        members.add("stdin", standardInput?.json)
        if log != LogRules() { members.add("log", log.json) }
        members.add("health_check", healthCheck?.json)
        members.add("ready", ready?.json)
        if !dependsOn.isEmpty { members.add("depends_on", .array(dependsOn.map(\.json))) }
        members.add("schedule", schedule.map { .string($0.text) })
        if catchesUp { members.add("schedule_catch_up", true) }
        if isPersistent { members.add("persist", true) }
    }
}
