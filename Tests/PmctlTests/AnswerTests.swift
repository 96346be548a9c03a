import JSONCodec
import Testing

@testable import pmctl

struct AnswerTests {
    @Test(
        arguments: [
            (#"{"status":"success"}"#, nil),
            (
                #"{"status":"failed","message":"process failed to start","error":{"code":"c","detail":"why"}}"#,
                "process failed to start: why"
            ),
            (#"{"status":"failed","message":"process failed to start"}"#, "process failed to start"),
            ("{}", "the agent refused without a reason"),
        ] as [(String, String?)])
    func `a refusal gives the reason`(result: String, refusal: String?) throws {
        #expect(Answer(result: try Samples.json(result)).refusal == refusal)
    }

    @Test func `only the answer with the request's id is accepted`() {
        func answer(_ topic: String, _ text: String) -> Answer? {
            Answer(Samples.message(topic, text, isRetained: false), inbox: "in", id: "7")
        }
        #expect(answer("in", #"{"request":{"id":"7"},"result":{}}"#) != nil)
        #expect(answer("in", #"{"id":"7","request":{},"result":{}}"#) != nil)
        #expect(answer("in", #"{"request":{"id":"8"},"result":{}}"#) == nil)
        #expect(answer("in", #"{"request":{"id":"7"}}"#) == nil)
        #expect(answer("in", "mark") == nil)
        #expect(answer("out", #"{"request":{"id":"7"},"result":{}}"#) == nil)
    }
}
