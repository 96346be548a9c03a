/// Constant texts for C functions that run for every message. A `String` would be copied to the heap at each call.
package enum CText {
    package static var prefix: UnsafePointer<CChar> { pointer("pm/") }
    static var hubControl: UnsafePointer<CChar> { pointer("pm/hub/control") }
    static var replies: UnsafePointer<CChar> { pointer("pm/reply/") }
    package static var controlLevel: UnsafePointer<CChar> { pointer("/control") }
    static var watchLevel: UnsafePointer<CChar> { pointer("/watch") }

    private static func pointer(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
