/// Bounds and defaults of pmqtt, each with its unit.
///
/// They are constants on purpose: settings exist only for the few bounds in ``Quotas`` and in the configurations of the
/// daemons. A comment covers all constants up to the next comment or empty line. `Limits+Cluster` and `Limits+VMs` hold
/// those of pm-cluster and of VMs.
package enum Limits {
    /// Bytes of a name. Even the longest topic with it stays far below the 128 bytes that some engines allow per level.
    package static let nameLength = 63
    package static let ownerLength = 96

    /// Bytes of a request.
    package static let payload = 256 * 1024

    /// MQTT 5 user properties of a message, not counting those that name the requester: each costs a receiver about 100
    /// bytes.
    package static let userProperties = 64

    /// Bytes of an MQTT packet that an agent accepts. It exceeds the largest valid request so that an oversized request
    /// gets an answer. The hub forwards a request if its payload and user properties leave room for the topic and the
    /// other properties, of 64 KiB each.
    package static let requestPacket = 2 * payload
    package static let forwardedRequest = payload + (64 << 10)

    /// Bytes of an answer that pm-cluster reads, and of its packet. An answer quotes its request.
    package static let answer = 4 * payload
    package static let answerPacket = 5 * payload

    /// Nesting depth of arrays and objects in a request.
    package static let nesting = 32

    /// Bytes of a malformed request that its answer quotes.
    package static let echo = 1024

    /// Bytes of a reply topic.
    package static let replyTopic = 512

    /// Slashes in a reply topic: some brokers end a connection that publishes to a topic with more.
    package static let replyTopicSlashes = 7

    /// Bytes of a string `id`, which is stored until the request is answered.
    package static let requestID = 256

    /// Bytes of MQTT 5 correlation data, which is stored equally long; and duplicates that wait for one answer.
    package static let correlationData = 1_024
    package static let askedAgain = 100

    /// Seconds during which an equal request with an `id` and a `timestamp` is a duplicate.
    package static let duplicateWindow = 600.0

    /// Stored outcomes for duplicates, and process entries in them: the outcome of an `apply` can be large. The oldest
    /// are dropped first.
    package static let storedOutcomes = 20_000
    package static let storedEntries = 40_000
    /// Requests of the last minutes that the journal has.
    package static let begunRequests = 5_000

    /// Requests in progress, and their total bytes: their answers, each up to twice as large, must fit into the outbox.
    package static let requestsUnderWay = 20_000
    package static let requestBytesUnderWay = 2 << 20

    /// Requests a second, which is also the burst after a quiet time: default and maximum. The default is more than a
    /// host can carry out.
    package static let requestRate = 5_000
    package static let mostRequestRate = 1_000_000

    /// Bytes of a text in a line of the audit log, bytes of one of its files, and number of files.
    package static let auditText = 256
    package static let auditSize = 4 << 20
    package static let auditFiles = 4
    /// Audit lines of reading requests that may be buffered until the event loop is idle.
    package static let auditReadings = 256

    /// Bytes of a request that is still carried out while the outbox is congested.
    package static let smallRequest = 4_096

    /// Messages that wait while the broker is away or slow, and their total bytes: default and maximum. The oldest are
    /// dropped first. After a connect, the states of all processes are among them.
    package static let outboxMessages = 20_000
    package static let outboxBytes = 8 << 20
    package static let mostOutboxBytes = 1 << 30

    /// Messages that libmosquitto has sent and the broker has not confirmed; mosquitto accepts 20 at a time (Receive
    /// Maximum, MQTT 5 section 3.1.2.11.3).
    package static let outboxWindow = 20

    /// A connection shorter than this number of seconds suggests that the broker rejects a message; after this number
    /// of consecutive short ones, unconfirmed messages are dropped.
    package static let shortConnection = 5.0
    package static let shortConnections = 3
    /// Bytes of a packet that no broker is suspected to find too large, and of a packet around its topic, payload and
    /// properties.
    package static let leastPacketLimit = 1_024
    package static let packetOverhead = 40
    /// Seconds after which the broker has certainly taken a packet, and the number of packets of that time that are kept.
    package static let packetSuspicion = 2.0
    package static let packetSuspects = 8
    /// Seconds for which health says that the broker's packets are too small.
    package static let packetLimitShown = 60.0

    /// Live processes of one agent: each takes a descriptor.
    package static let processes = 10_000

    /// Ended processes that stay in the table with entry, logs and retained topic: default and maximum.
    package static let endedProcesses = 1_000
    package static let mostEndedProcesses = 50_000

    /// Exit statuses that can be queried by pid after that, for `endedRetention` seconds. Each takes 24 bytes.
    package static let exitRecords = 50_000
    package static let endedRetention = 3_600.0

    /// Seconds between the stop signal and SIGKILL.
    package static let gracePeriod = 5.0

    /// Seconds between two checks of a tree that SIGKILL did not empty, and seconds after which a stop is answered
    /// anyway.
    package static let killRecheck = 1.0
    package static let killPatience = 10.0

    /// Seconds between two health messages; and the number of intervals after which a host counts as stale.
    package static let healthInterval = 10.0
    package static let staleIntervals = 2.5

    /// Maximum seconds until a change of the process counts is published in the health message.
    package static let healthRefresh = 1.0

    /// Seconds after its `timestamp` during which a request may be carried out.
    package static let requestTTL = 60.0

    /// Bytes of a `generation`; number of labels of a node or VM, and bytes of each label name and value.
    package static let generation = 64
    package static let labels = 64
    package static let labelLength = 256

    /// Terms of a selector of hosts.
    package static let selectorTerms = 64

    /// Requests that pmctl has under way when it asks many hosts: their answers must fit into the broker's queue for it,
    /// of 1,000 messages by default.
    package static let gatheredRequests = 200

    /// Grace period in seconds of a node or VM: its agent must end its own processes first.
    package static let innerAgentGrace = 30.0

    /// Seconds of MQTT keep-alive. The broker publishes the will of a hung agent after 1.5 to 2 times this interval.
    package static let keepAlive = 20
    package static let leastKeepAlive = 10
    package static let mostKeepAlive = 1_200
    /// Seconds between two looks at whether a keep-alive message is due, at most.
    package static let keepAliveTick = 10.0

    /// Seconds within which an address of the broker must accept a connection, and the broker must answer CONNECT.
    package static let connectDeadline = 10.0
    /// The same for a connection through `pm-relay`, which itself gives up after 25 s.
    package static let relayDeadline = 30.0

    /// Seconds before the first reconnect, and before any later one at most.
    package static let reconnectFirst = 0.25
    package static let reconnectMost = 30.0

    /// Seconds that a session must last before the back-off starts again from the first delay.
    package static let reconnectStability = 60.0

    /// Seconds between two questions to a broker whether it supports MQTT 5: the first, and any later one at most.
    package static let versionProbeFirst = 10.0
    package static let versionProbeMost = 3_600.0

    /// Seconds that a terminating daemon waits until its last messages are sent.
    package static let farewell = 2.0

    /// Seconds between two publications of `pm/hub/hosts`: minimum, and maximum while hosts are active.
    package static let hostsInterval = 0.2
    package static let hostsRefresh = 30.0

    /// Connections that may announce one host as online: its agent's, a bridge's, and some spare ones.
    package static let hostConnections = 4

    /// Hosts in `pm/hub/hosts`, and the seconds that each adds to the time between two publications.
    package static let listedHosts = 1_000
    package static let hostsIntervalOfHost = 0.002

    /// Hosts whose presence the hub publishes at each event and at each tick, at most: the others wait.
    package static let presencesOfEvent = 16
    package static let presencesOfTick = 200
    /// Seconds in which the broker has delivered what it retains of an agent's former name.
    package static let formerNameReading = 3.0
    /// Seconds by which a host's clock must be off to be mentioned.
    package static let clockSkewShown = 5.0
    /// Seconds between two looks for stale hosts, and between two savings of the list of known hosts.
    package static let staleRecheck = 1.0
    package static let hostsSaving = 1.0
    /// Seconds after the start of a hub that knows hosts, before it publishes them: they need time to come back.
    package static let hostsReturn = 2.0
    /// Bytes of the hub's file of known hosts.
    package static let hostsFile = 4 << 20

    /// Seconds for which one agent must have been alone under its name after two were, and sessions of agents that are
    /// remembered of a host.
    package static let conflictQuiet = 600.0
    /// Seconds before an agent connects again that has lost its connection to another one of its name: at first, and
    /// later.
    package static let conflictDelay = 30.0
    package static let mostConflictDelay = 300.0
    package static let sessionsOfHost = 4

    /// Hosts that the hub remembers, so that a client that may publish on `pm/+/status` can't exhaust the broker's
    /// memory.
    package static let hubHosts = 10_000

    /// Minimum seconds between two malloc_trim(3) calls by which the hub returns unused memory of the broker.
    package static let hubTrimInterval = 1.0

    /// Bytes of the broker's ACL file, hosts per connection for which the hub caches its decision, and refusals a
    /// second that the hub logs.
    package static let accessList = 1 << 20
    package static let hubDecisions = 1_000
    package static let hubRefusals = 5

    /// Defaults of a config's `restart`, times in seconds: a crash loop backs off to one minute and fails after about
    /// four.
    package static let restartDelay = 0.5
    package static let restartMaximumDelay = 60.0
    package static let restartResetAfter = 10.0
    package static let restartStartLimit = 10
    package static let restartStartInterval = 600.0

    /// Maximum seconds of any delay, interval or timeout of a config: one day.
    package static let longestWait = 86_400.0

    /// Minimum seconds of an interval or a timeout of a config.
    package static let shortestWait = 0.1

    /// Maximum of `start_limit` of a config.
    package static let startLimit = 1_000_000

    /// Highest signal number on Linux (signal(7), SIGRTMAX).
    package static let signal: Int32 = 64

    /// Bytes of a user or group name (LOGIN_NAME_MAX), and the highest user or group number: the next one means "no
    /// change" to chown(2).
    package static let accountName = 256
    package static let accountNumber = 4_294_967_294

    /// Bytes of a path (PATH_MAX without the NUL).
    package static let path = 4_095

    /// Seconds after a connect in which an agent must have got its own health message.
    package static let ownHealthPatience = 30.0

    /// Events that an agent logs and publishes: a second, and at once. It counts the rest.
    package static let eventRate = 50
    package static let eventBurst = 500
    /// Characters of an event's text.
    package static let eventText = 2_000

    /// `follow_usage`: default interval in seconds; followers of a host; bytes of a follower's name; bytes of a
    /// message; part of a processor that reading may take, else the interval grows; seconds for which a reading is used
    /// again.
    package static let usageInterval = 10.0
    package static let usageFollowers = 64
    package static let followerLength = 64
    package static let usageMessage = 256 << 10
    package static let usageShare = 0.05
    package static let usageAge = 1.0

    /// Seconds within which a file system must answer a lookup of a path in a config, and within which a start must
    /// have executed its program.
    package static let filePatience = 5.0
    /// Seconds after which an unfinished start is published.
    package static let startShown = 0.1

    /// Threads that may wait for file systems at a time: in total, and for one file system or for starts of one user.
    package static let fileThreads = 16
    package static let fileThreadsAlike = 4

    /// Bytes of a file that an `env` value names; such files hold secrets.
    package static let environmentFile = 64 << 10

    /// Bounds of a config's `limits`. Descriptors: maximum of fs.nr_open. Bytes: nothing starts with less, and no host
    /// has a pebibyte. Processors: cpu.max takes at least 1 ms per 100 ms. Processes: PID_MAX_LIMIT.
    package static let openFiles = 1 << 30
    package static let leastMemory = 64 << 10
    package static let mostBytes = 1 << 50
    package static let leastCPU = 0.01
    package static let mostCPU = 4_096.0
    package static let pids = 1 << 22

    /// Defaults of a config's `log`: bytes of a file, and number of files of each of the two streams.
    package static let logSize = 10 << 20
    package static let logFiles = 5

    /// Bytes of one stream that are read in one go, which bounds the delay that a flooding process causes for others.
    package static let logDrain = 256 << 10
    /// Bytes of a pipe by default (pipe(7)). A process that fills it floods.
    package static let pipe = 64 << 10
    /// Bytes that are read in one go of a line after its beginning was dropped; they are read one at a time.
    package static let logSkip = 4_096

    /// Bounds of a config's `log`.
    package static let leastLogSize = 4 << 10
    package static let mostLogSize = 1 << 40
    package static let mostLogFiles = 100

    /// The logs of a process of `pmctl run`, so that pmctl may be slower than the process: bytes of a file, and files.
    package static let runLogSize = 16 << 20
    package static let runLogFiles = 16

    /// Minimum number of entries in the time index of a log file, whatever its `max_size`; and minimum bytes between
    /// two entries once the index is full.
    package static let leastLogArrivals = 4_096
    package static let logArrivalStep = 4_096
    /// Minimum microseconds between two entries while a process floods.
    package static let logArrivalPause: Int64 = 1_000

    /// Bytes of a `follow_log` message, which every broker accepts; a longer line is cut.
    package static let followMessage = 16 << 10

    /// Bytes a second of one followed stream, burst after a quiet time, and maximum of the setting.
    package static let followRate = 64 << 10
    package static let followBurst = 256 << 10
    package static let mostFollowRate = 16 << 20

    /// Defaults of a config's `health_check` and `ready`; times in seconds.
    package static let healthCheckInterval = 10.0
    package static let healthCheckTimeout = 5.0
    package static let healthCheckRetries = 3
    package static let readyTimeout = 30.0

    /// Bytes of a line of the agent's journal, most of which is a config, and of a journal. A journal of 10,000
    /// processes with long configs has 100 MB.
    package static let journalLine = 2 * payload
    package static let journalSize = 256 << 20

    /// Bytes of outdated lines that a journal may hold.
    package static let journalSlack = 1 << 20

    /// Maximum of `retries` of a `health_check`, and bytes of the path of its URL.
    package static let mostHealthCheckRetries = 1_000
    package static let healthCheckPath = 1_024

    /// Output of a health check's command, in bytes: read in one go (the size of a pipe), kept from the end, and
    /// reported of the last line.
    package static let checkRead = 64 << 10
    package static let checkTail = 4 << 10
    package static let checkWords = 256

    /// Processes left behind that an entry names, and bytes of a name: the kernel keeps 15.
    package static let leftBehindNames = 8
    package static let leftBehindName = 64

    /// Highest descriptor in `ready.fd`, and bytes of the text in `ready.log_line`.
    package static let readyDescriptor = 255
    package static let readyLine = 1_024

    /// Number of processes that one process may depend on.
    package static let dependencies = 64

    /// Bytes of a `schedule`.
    package static let schedule = 256

    /// Latest time in a request, in seconds since the epoch.
    package static let latestTime = 1e11

    /// Lines in an answer to `get_log`: default and maximum.
    package static let logLines = 100
    package static let mostLogLines = 10_000

    /// Seconds that `follow_log` lasts unless it is renewed: default and maximum.
    package static let followTime = 60.0
    package static let longestFollow = 3_600.0

    /// Restarts that a history remembers, whatever `start_limit` says. Each takes 8 bytes.
    package static let restartHistory = 1_000

    /// Seconds before a failed write of state, or of logs, is tried again.
    package static let stateRetry = 5.0
    package static let logRetry = 5.0

    /// After the end of a process that outlived its keeper: seconds within which init must reap it, so that the kernel
    /// reports its exit status, and seconds between two checks.
    package static let orphanPatience = 3.0
    package static let orphanRecheck = 0.02

    /// Seconds between an end and the check for strays, and number of processes that a message lists.
    package static let strayDelay = 0.5
    /// Number of consecutive scans, when the agent ends, for strays that keep replacing themselves by forks.
    package static let strayLooks = 1_000
    package static let listedProcesses = 5

    /// Seconds that an agent waits for another one to release its state directory.
    package static let lockPatience = 3.0

    /// An upgrade: seconds that the trial of the new program may take, and that requests under way have to be answered;
    /// bytes of the trial's output.
    package static let upgradeTrial = 10.0
    package static let upgradePatience = 5.0
    package static let upgradeReason = 4_096
    /// `pm-agent --upgrade`: seconds that it waits, seconds between two looks, and signals that it sends at most.
    package static let upgradeDeadline = 60.0
    package static let upgradeRecheck = 0.05
    package static let upgradeSignals = 3

    /// Seconds since the epoch in a state file: the years 1970 to 5138.
    package static let times = 0.0...1e11

    /// A clock change by fewer seconds counts as a correction: a skipped scheduled start then happens at once, and one
    /// that already happened is not repeated. Debian's cron uses the same value.
    package static let clockCorrection = 3 * 3_600.0

    /// A clock change of at least this number of seconds makes the agent publish all processes again.
    package static let clockNews = 0.5

    /// Seconds between two connection attempts to a process with `ready.tcp`.
    package static let readyRecheck = 0.1

    /// Bytes of `ready.fd` that are read in one go: the size of a pipe.
    package static let readyRead = 64 << 10

    /// Seconds between two such reads once the process is up. This limits the process to 6 MB a second and the agent's
    /// work.
    package static let readyPause = 0.01

    /// Seconds that followed lines are collected before they are published together.
    package static let followDelay = 0.1

    /// Seconds that `pmctl top --once` waits for two reports of each host.
    package static let topPatience = 6.0

    /// Of `pmctl doctor`: seconds for each request that tries a right, and hosts whose clocks are looked at.
    package static let doctorPatience = 3.0
    package static let doctorHosts = 1_000

    /// Seconds that a shell waits for the names with which pmctl completes a word.
    package static let completionTime = 0.3

    /// Bytes of a log excerpt as JSON, so that the whole answer fits into a message.
    package static let logExcerpt = 192 << 10
}
