import LinuxSystem

/// A part of a log, which may be in several of its files, read into memory.
struct LogPieces {
    private(set) var bytes: [UInt8] = []
    private var pieces: [Piece] = []

    struct Piece {
        let file: LogPosition.FileIdentity
        /// Where it begins in its file, and in all of this.
        let offset: Int
        let start: Int
        let times: ArrivalTimes
        /// Seconds since the epoch: nothing in the file is younger.
        let modifiedAt: Double
    }

    /// Adds what follows.
    mutating func append(_ bytes: [UInt8], _ piece: Piece) {
        pieces.append(piece)
        self.bytes += bytes
    }

    /// Where a place in this is in the log; nil when there is no file at all.
    func position(at index: Int) -> LogPosition? {
        // The end of a file is the beginning of the next one, which stays longer.
        guard let piece = pieces.last(where: { $0.start <= index }) ?? pieces.first else { return nil }
        return LogPosition(file: piece.file, offset: piece.offset + index - piece.start)
    }

    /// When a byte came, in microseconds since the epoch.
    func time(at index: Int) -> Int64? {
        guard let piece = pieces.last(where: { $0.start <= index }) else { return nil }
        return piece.times.time(at: piece.offset + index - piece.start)
    }

    /// Whether a byte came then or later, as far as can be told. Seconds since the epoch.
    func isSince(_ since: Double, at index: Int) -> Bool {
        if let time = time(at: index) { return Double(time) / 1e6 >= since }
        return pieces.last { $0.start <= index }.map { $0.modifiedAt >= since } ?? false
    }
}
