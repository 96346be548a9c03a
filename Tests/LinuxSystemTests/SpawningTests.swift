import Testing

/// All suites that launch processes, one after the other.
@Suite(.serialized) enum SpawningTests {}
