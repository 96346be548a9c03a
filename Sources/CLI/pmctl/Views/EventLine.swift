/// `pmctl events`: an event in one line.
enum EventLine {
    /// - Parameter time: the formatted time.
    static func text(_ event: EventReport, time: String, for terminal: Terminal) -> String {
        let color: Color? =
            switch event.level {
            case .info: nil
            case .warning: .yellow
            case .error: .red
            }
        return "\(time)  \(event.host)  \(terminal.paint(Printable.line(event.message), color))"
    }
}
