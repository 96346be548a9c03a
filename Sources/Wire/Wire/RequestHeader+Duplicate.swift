import JSONCodec
import Model

extension RequestHeader {
    /// The header for the answer to a duplicate: the original's, but quoting the duplicate if the original was too
    /// large to be stored.
    package func answer(for duplicate: RequestHeader) -> RequestHeader {
        guard echo.bytes > Limits.keptEcho else { return self }
        var header = self
        header.echo = duplicate.echo
        return header
    }

    /// The header to store: without a quotation that is too large.
    package var kept: RequestHeader { echo.bytes > Limits.keptEcho ? withoutEcho : self }

    /// The header without the quotation, which can be as large as the request.
    package var withoutEcho: RequestHeader {
        var header = self
        header.echo = Echo(.null, echo.bytes)
        return header
    }
}
