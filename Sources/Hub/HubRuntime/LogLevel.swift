/// How much a line in the broker's log matters.
package enum LogLevel {
    case notice, warning, error
}
