import Glibc

/// Tells when a control group becomes empty (`cgroup.events`).
package struct CgroupEvents: ~Copyable {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// To watch for ``Readiness/priority``; ready again and again until ``isEmpty`` is read.
    package var number: Int32 { descriptor.number }

    package var isEmpty: Bool {
        var text = [UInt8](repeating: 0, count: Self.size)
        let count = pread(descriptor.number, &text, text.count, 0)
        // Reading fails when the control group is removed.
        return count < 0 || Self.sayEmpty(Array(text.prefix(count)))
    }

    /// Bytes; the file has two or three short lines.
    static let size = 256

    static func sayEmpty(_ text: [UInt8]) -> Bool {
        text.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("populated 0".utf8) }
    }
}
