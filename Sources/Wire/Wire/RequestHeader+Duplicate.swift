import JSONCodec

extension RequestHeader {
    /// The header without the quotation, which can be as large as the request.
    package var withoutEcho: RequestHeader {
        var header = self
        header.echo = Echo(.null, echo.bytes)
        return header
    }
}
