import Testing

/// All that starts processes, one after the other: one thread of a program may spawn at a time.
@Suite(.serialized) enum SpawningTests {}
