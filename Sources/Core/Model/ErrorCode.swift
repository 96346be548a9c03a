/// Why a request failed: `error.code` of the method dialect.
package enum ErrorCode: String, Sendable, CaseIterable {
    case malformedRequest = "malformed_request"
    case unknownMethod = "unknown_method"
    case missingArgument = "missing_argument"
    case invalidArgument = "invalid_argument"
    case wrongNode = "wrong_node"
    case noSuchProcess = "no_such_process"
    case noSuchNode = "no_such_node"
    case noSuchVM = "no_such_vm"
    case nameInUse = "name_in_use"
    case notAllowed = "not_allowed"
    case notAuthorized = "not_authorized"
    case execFailed = "exec_failed"
    case timeout
    case expired
    case unknownHost = "unknown_host"
    case hostOffline = "host_offline"
    case hostConflict = "host_conflict"
    case noCapacity = "no_capacity"
    case driverUnavailable = "driver_unavailable"
    case `internal`
}
