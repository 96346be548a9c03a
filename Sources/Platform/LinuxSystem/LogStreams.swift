import CLinux
import Glibc

/// Where a daemon's stderr goes.
package enum LogStreams {
    /// Whether it goes to systemd's journal: JOURNAL_STREAM has the device and the inode of that socket
    /// (systemd.exec(5)).
    package static var isJournal: Bool {
        guard let told = Environment.value("JOURNAL_STREAM") else { return false }
        var status = stat()
        return fstat(2, &status) == 0 && told == "\(status.st_dev):\(status.st_ino)"
    }
}
