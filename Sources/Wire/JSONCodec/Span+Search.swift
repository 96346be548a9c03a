import CcJSON

extension Span<UInt8> {
    /// Whether the bytes of a text occur, at any place.
    package func contains(_ text: StaticString) -> Bool {
        withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            return memmem(start, bytes.count, text.utf8Start, text.utf8CodeUnitCount) != nil
        }
    }
}
