import LinuxSystem

/// A part of a log in memory, read from one or several of its files.
struct LogPieces {
    private(set) var bytes: [UInt8] = []
    private var pieces: [Piece] = []

    struct Piece {
        let file: LogPosition.FileIdentity
        /// Where the piece begins: in its file, and in ``bytes``.
        let offset: Int
        let start: Int
        let times: ArrivalTimes
        /// Seconds since the epoch; no byte of the file is younger.
        let modifiedAt: Double
    }

    /// Adds the next piece.
    mutating func append(_ bytes: [UInt8], _ piece: Piece) {
        pieces.append(piece)
        self.bytes += bytes
    }

    /// The log position of an index into ``bytes``; nil if there is no file.
    func position(at index: Int) -> LogPosition? {
        // At a border the position is in the later file, which is removed later.
        guard let piece = pieces.last(where: { $0.start <= index }) ?? pieces.first else { return nil }
        return LogPosition(file: piece.file, offset: piece.offset + index - piece.start)
    }

    /// When a byte arrived, in microseconds since the epoch; nil if unknown.
    func time(at index: Int) -> Int64? {
        guard let piece = pieces.last(where: { $0.start <= index }) else { return nil }
        return piece.times.time(at: piece.offset + index - piece.start)
    }

    /// Whether a byte arrived at `since` or later (seconds since the epoch), as far as known.
    func isSince(_ since: Double, at index: Int) -> Bool {
        if let time = time(at: index) { return Double(time) / 1e6 >= since }
        return pieces.last { $0.start <= index }.map { $0.modifiedAt >= since } ?? false
    }
}
