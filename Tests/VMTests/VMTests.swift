import Testing

/// Serialized, because each test boots guests, which keep a processor busy.
@Suite(.serialized, .enabled(if: VMBench.obstacle == nil)) struct VMTests {}
