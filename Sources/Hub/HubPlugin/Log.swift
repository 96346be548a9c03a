import CMosquittoPlugin
import Model

/// Writes lines to the broker's log.
enum Log {
    enum Level: Int32 {
        case notice = 0x02
        case warning = 0x04
        case error = 0x08
    }

    static func write(_ level: Level, _ text: String) { pm_broker_log(level.rawValue, text.inOneLine) }
}
