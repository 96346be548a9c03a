import Testing

/// One after the other: each boots guests, and keeps a processor busy meanwhile.
@Suite(.serialized, .enabled(if: VMBench.obstacle == nil)) struct VMTests {}
