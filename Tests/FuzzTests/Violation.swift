/// Something that must hold, and does not.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

/// - Parameter what: what does not hold then.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !condition { throw Violation(description: what()) }
}

/// - Returns: what must not be nil.
func need<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(Violation) -> Value {
    guard let value else { throw Violation(description: what()) }
    return value
}
