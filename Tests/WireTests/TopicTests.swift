import Model
import Testing
import Wire

struct TopicTests {
    private static let host = HostName("h-1.lan")
    private static let id = Name("sleep-1")

    private static var all: [(String, Topic)] {
        get throws {
            let host = try #require(host)
            let id = try #require(id)
            return [
                ("pm/h-1.lan/control", .control(host)), ("pm/h-1.lan/response", .response(host)),
                ("pm/h-1.lan/health", .health(host)), ("pm/h-1.lan/status", .status(host)),
                ("pm/h-1.lan/info", .info(host)), ("pm/h-1.lan/process/sleep-1", .process(host, id)),
                ("pm/h-1.lan/log/sleep-1/stdout", .log(host, id, .stdout)),
                ("pm/h-1.lan/log/sleep-1/stderr", .log(host, id, .stderr)),
                ("pm/h-1.lan/log/sleep-1/records", .logRecords(host, id)),
                ("pm/hub/control", .hub(.control)), ("pm/hub/response", .hub(.response)),
                ("pm/hub/hosts", .hub(.hosts)),
                ("pm/hub/status", .hub(.status)), ("pm/cluster/node/control", .clusterControl(.node)),
                ("pm/cluster/vm/control", .clusterControl(.vm)), ("pm/cluster/status", .clusterStatus),
                ("pm/cluster/serial", .clusterSerial),
                ("pm/cluster/node/response", .clusterResponse(.node)), ("pm/cluster/vm/health", .clusterHealth(.vm)),
                ("pm/cluster/vm/h-1.lan/state", .clusterState(.vm, host)),
            ]
        }
    }

    @Test func `every topic is printed and parsed consistently`() throws {
        for (text, topic) in try Self.all {
            #expect(topic.description == text)
            #expect(Topic(text) == topic)
            #expect(text.split(separator: "/").count <= 8, "at most seven slashes")
        }
    }

    @Test func `only control topics take requests`() throws {
        for (text, topic) in try Self.all { #expect(topic.isControl == text.hasSuffix("/control")) }
    }

    @Test(arguments: [
        "", "pm", "pm/", "pm/h", "pm//control", "pm/h/", "pm/h/controls", "PM/h/control", "pm/h/Control",
        "/pm/h/control",
        "pm/h/control/", "pm/h/control/x", "pm/+/control", "pm/#", "pm/h/+", "pm/a b/control", "pm/hub/health",
        "pm/hub/info",
        "pm/cluster/control", "pm/reply/control", "pm/reply/x", "pm/cluster/node/responses", "pm/cluster/status/x",
        "pm/cluster/node/a", "pm/cluster/node/a/states", "pm/cluster/host/control",
        "pm/h/process", "pm/h/process/", "pm/h/process/a/b", "pm/h/process/+", "pm/h/process/-a", "pm/hub/process/a",
        "pm/cluster/process/a", "pm/h/log/a", "pm/h/log/a/", "pm/h/log/a/stdin", "pm/h/log/a/stdout/x",
        "pm/h/log//stdout",
        "pm/hub/log/a/stdout", "pm/h/process/a/stdout",
        "xpm/h/control", "$SYS/broker", "pm/h\u{301}/control", "pm/\u{301}/control",
    ])
    func `other topics are not parsed`(text: String) { #expect(Topic(text) == nil) }

    @Test func `names in topics have at most 63 bytes`() {
        #expect(Topic("pm/\(String(repeating: "a", count: 63))/control") != nil)
        #expect(Topic("pm/\(String(repeating: "a", count: 64))/control") == nil)
        #expect(Topic("pm/h/process/\(String(repeating: "a", count: 64))") == nil)
    }
}

struct ReplyTopicTests {
    private func failure(_ text: String) -> Failure? {
        do throws(Failure) {
            _ = try ReplyTopic(text)
            return nil
        } catch { return error }
    }

    @Test func `a reply topic is below the user's name`() throws {
        let (inbox, user) = (try #require(Name("pmctl-1")), try #require(Name("op")))
        #expect(Topic.reply(inbox) == "pm/reply/pmctl-1" && Topic.everyReply(to: nil) == "pm/reply/#")
        #expect(Topic.reply(inbox, of: user) == "pm/reply/op/pmctl-1" && Topic.everyReply(to: user) == "pm/reply/op/#")
    }

    @Test(arguments: [
        "a", "/", "a/b", "pmx", "pmx/h/control", "xpm/h/control", "/pm/h/control", "pm/reply/me", "pm/reply/a/b",
        "pm/reply/control", "pm/h/response", "pm/hub/response", "pm/x/y/z/response", "a/$SYS", "PM/h/control",
        "é", "a b", String(repeating: "x", count: 512), "a/b/c/d/e/f/g/h",
    ])
    func `a requester's own topic is accepted`(text: String) throws {
        #expect(failure(text) == nil)
        #expect(try ReplyTopic(text).description == text)
    }

    @Test(arguments: [
        "", "+", "#", "a/+/b", "a/#", "a+", "a#b", "pm/+/response", "pm/reply/#", "$", "$SYS/x", "$share/g/a",
        "$CONTROL/x",
        "pm", "pm/", "pm/h/control", "pm/hub/control", "pm/cluster/node/control", "pm/h/status", "pm/h/health",
        "pm/h/process/a",
        "pm/hub/hosts", "pm/reply", "pm/responses", "pm/h/xresponse", "pm/h/response/", "a\nb", "a\u{1}", "a\0",
        "a\u{7F}", "a\u{85}", "a\u{9F}", "a\u{FFFE}", "a/b/c/d/e/f/g/h/i",
        "$\u{301}SYS/x", "pm/\u{301}/control", String(repeating: "x", count: 513), String(repeating: "é", count: 257),
    ])
    func `a topic with another meaning is refused`(text: String) {
        #expect(failure(text)?.code == .invalidArgument)
    }
}
