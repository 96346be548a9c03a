/// The measurements of one round.
struct Sample {
    /// Seconds of the whole round.
    let seconds: Double
    /// Seconds until each answer.
    let latencies: [Double]

    var rate: Double { Double(latencies.count) / seconds }
    var p50: Double { latencies.median }
}

extension [Double] {
    var median: Double {
        let ordered = sorted()
        guard !ordered.isEmpty else { return .nan }
        let middle = count / 2
        return count.isMultiple(of: 2) ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }

    func percentile(_ percent: Int) -> Double {
        isEmpty ? .nan : sorted()[Swift.min(count - 1, count * percent / 100)]
    }
}
