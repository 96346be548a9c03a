import JSONCodec
import Model

extension RequestHeader {
    /// What to answer a duplicate with: as its original was, but quoting the duplicate where the original is too large to
    /// have been kept.
    package func answer(for duplicate: RequestHeader) -> RequestHeader {
        guard echo.bytes > Limits.keptEcho else { return self }
        var header = self
        header.echo = duplicate.echo
        return header
    }

    /// Without a quotation too large to be kept.
    package var kept: RequestHeader { echo.bytes > Limits.keptEcho ? withoutEcho : self }

    /// Without the quotation, which can be as large as the request.
    package var withoutEcho: RequestHeader {
        var header = self
        header.echo = Echo(.null, echo.bytes)
        return header
    }
}
