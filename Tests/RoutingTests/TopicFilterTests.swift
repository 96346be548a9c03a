import Testing

@testable import Routing

struct TopicFilterTests {
    @Test(arguments: [
        ("pm/+/control", "pm/a/control", true), ("pm/+/control", "pm/a/b/control", false), ("#", "pm", true),
        ("pm/#", "pm", true), ("pm/a/#", "pm", false), ("pm/+", "pm", false), ("+/+", "/", true),
        ("pm/a", "pm/a/", false),
    ])
    func `filters match topics as in MQTT`(filter: String, topic: String, isMatch: Bool) throws {
        #expect(try #require(TopicFilter(filter.utf8)).matches(Array(topic.utf8)) == isMatch)
    }

    @Test(arguments: ["", "pm/a+", "pm/#/a", "#/", "pm/a#", "++"]) func `an invalid filter is refused`(text: String) {
        #expect(TopicFilter(text.utf8) == nil)
    }
}
