import JSONCodec
import Model

extension InnerAgent {
    init(in fields: Field) throws(Failure) {
        self.init(
            generation: try fields["generation"]?.string(bytes: 1...Limits.generation),
            labels: try fields["labels"].map { labels throws(Failure) in
                try Label.list(labels.json, named: labels.name)
            } ?? [])
    }

    func write(to members: inout Members) {
        members.add("generation", generation.map { .string($0) })
        if !labels.isEmpty { members.add("labels", Label.json(labels)) }
    }
}
