/// A property that does not hold.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

/// - Parameter what: describes the violation.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !condition { throw Violation(description: what()) }
}

/// - Returns: the value, which must not be nil.
func need<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(Violation) -> Value {
    guard let value else { throw Violation(description: what()) }
    return value
}
