/// Every bound of pmqtt, with its unit and its reason.
package enum Limits {
    /// Bytes of a name. With the longest topic around it, it stays far below the 128 bytes some engines allow a level.
    package static let nameLength = 63

    /// Bytes of a request. A request is a command, not a file transfer.
    package static let payload = 256 * 1024

    /// MQTT 5 user properties of a message, beside those that say who has sent it: each costs a receiver some 100 bytes.
    package static let userProperties = 64

    /// Bytes of an MQTT packet that an agent takes: a request that is too large as well, to refuse it with an answer. The hub lets
    /// through what fits into it with its topic and its other properties, of 64 KiB each.
    package static let requestPacket = 2 * payload
    package static let forwardedRequest = payload + (64 << 10)

    /// Bytes of an answer that pm-cluster reads, twice a request, which it quotes, and then some; and of the packet around it.
    package static let answer = 4 * payload
    package static let answerPacket = 5 * payload

    /// Levels of arrays and objects in a request.
    package static let nesting = 32

    /// Bytes of a request that can't be parsed which its answer quotes.
    package static let echo = 1024

    /// Bytes of a reply topic: a longer one is nobody's honest inbox.
    package static let replyTopic = 512

    /// Slashes in a reply topic: some brokers end a connection that publishes with more.
    package static let replyTopicSlashes = 7

    /// Bytes of a string `id`. It is stored for as long as duplicates are recognised.
    package static let requestID = 256

    /// Bytes of MQTT 5 correlation data, which is kept as long; and requesters that wait for the answer to one `id`.
    package static let correlationData = 1_024
    package static let askedAgain = 100

    /// Seconds during which the same `id` is a duplicate.
    package static let duplicateWindow = 600.0

    /// Outcomes kept for duplicates: of requests that change something, and of those that only read, which can be large
    /// (entries of processes in all). The oldest go first.
    package static let storedOutcomes = 20_000
    package static let storedReadings = 1_000
    package static let storedEntries = 20_000

    /// Bytes of a request that is kept to be quoted when it comes again; a larger one is quoted as it comes.
    package static let keptEcho = 1_024

    /// Requests that are being carried out, and their bytes in all: their answers, twice each, must fit into the outbox.
    package static let requestsUnderWay = 20_000
    package static let requestBytesUnderWay = 2 << 20

    /// Requests a second, and at once after a quiet time: more than a machine can carry out.
    package static let requestRate = 5_000
    package static let mostRequestRate = 1_000_000

    /// Bytes of a text in a line of the audit log, of one of its files, and how many there are.
    package static let auditText = 256
    package static let auditSize = 4 << 20
    package static let auditFiles = 4
    /// Requests that have changed nothing of which lines may wait until the loop has nothing else to do.
    package static let auditReadings = 256

    /// Bytes of a request that is still carried out while answers pile up because the broker is slow.
    package static let smallRequest = 4_096

    /// Messages that wait while the broker is away or slow, and their bytes in all; the oldest go first. After a connect
    /// the states of all processes are among them.
    package static let outboxMessages = 20_000
    package static let outboxBytes = 8 << 20
    package static let mostOutboxBytes = 1 << 30

    /// Messages handed to libmosquitto that the broker has not confirmed; brokers take 20 at a time (MQTT 5 section
    /// 3.1.2.11.3, Receive Maximum, as mosquitto sets it).
    package static let outboxWindow = 20

    /// Seconds that a connection lasts at least unless something is wrong with what is said on it, and how many shorter
    /// ones in a row it takes to give up what was being said.
    package static let shortConnection = 5.0
    package static let shortConnections = 3

    /// Live processes of one agent: each costs it a descriptor.
    package static let processes = 10_000

    /// Ended processes that stay in the table with all they were: entry, logs, retained topic.
    package static let endedProcesses = 1_000
    package static let mostEndedProcesses = 50_000

    /// Exit statuses that stay queryable by pid after that, for `endedRetention` seconds. 24 bytes each.
    package static let exitRecords = 50_000
    package static let endedRetention = 3_600.0

    /// Seconds between the stop signal and SIGKILL.
    package static let gracePeriod = 5.0

    /// Seconds between two looks at a process group that SIGKILL did not empty, and after which its stop is answered.
    package static let killRecheck = 1.0
    package static let killPatience = 10.0

    /// Seconds between two health messages; and after how many intervals a host counts as stale.
    package static let healthInterval = 10.0
    package static let staleIntervals = 2.5

    /// Seconds after which health that counts processes as they no longer are is published anew, at the latest.
    package static let healthRefresh = 1.0

    /// Seconds after its `timestamp` during which a request is carried out.
    package static let requestTTL = 60.0

    /// Bytes of a `generation`; labels of a node or VM, and bytes of each of their names and values.
    package static let generation = 64
    package static let labels = 64
    package static let labelLength = 256

    /// Seconds that an agent which is itself a process has for its own processes before it is killed.
    package static let innerAgentGrace = 30.0

    /// Seconds of MQTT keep-alive: a hung agent's will is out after one and a half to two of them.
    package static let keepAlive = 20

    /// Seconds within which a broker must have answered CONNECT.
    package static let connectDeadline = 10.0

    /// Seconds before the first and at most before any later attempt to reach the broker.
    package static let reconnectFirst = 0.25
    package static let reconnectMost = 30.0

    /// Seconds a session must have lasted before the back-off starts over.
    package static let reconnectStability = 60.0

    /// Seconds within which an agent told to terminate waits for its last words to leave.
    package static let farewell = 2.0

    /// Seconds between two publications of `pm/hub/hosts` at least, and at most while hosts are active.
    package static let hostsInterval = 0.2
    package static let hostsRefresh = 30.0

    /// Connections that may say of one host that it is online: its agent's, a bridge's, and the odd stranger's.
    package static let hostConnections = 4

    /// Hosts the hub remembers; a stranger who may publish on `pm/+/status` cannot fill the broker's memory.
    package static let hubHosts = 10_000

    /// Seconds between two times that the hub gives unused memory of the broker back to the system.
    package static let hubTrimInterval = 1.0

    /// Bytes of the broker's ACL file, hosts for which a connection's right is remembered, and refusals a second that the
    /// broker's log is told of.
    package static let accessList = 1 << 20
    package static let hubDecisions = 1_000
    package static let hubRefusals = 5

    /// Defaults of a config's `restart`, in seconds: a crash loop backs off to a minute and is given up after four.
    package static let restartDelay = 0.5
    package static let restartMaximumDelay = 60.0
    package static let restartResetAfter = 10.0
    package static let restartStartLimit = 10
    package static let restartStartInterval = 600.0

    /// Seconds of any delay, interval or timeout of a config at most: a day.
    package static let longestWait = 86_400.0

    /// Seconds of an interval or a timeout of a config at least: a shorter one would only keep the machine busy.
    package static let shortestWait = 0.1

    /// `start_limit` of a config at most.
    package static let startLimit = 1_000_000

    /// Highest signal number of Linux (signal(7), SIGRTMAX).
    package static let signal: Int32 = 64

    /// Bytes of a user's or a group's name (LOGIN_NAME_MAX), and the highest number of one: the next is "no change" to
    /// chown(2).
    package static let accountName = 256
    package static let accountNumber = 4_294_967_294

    /// Bytes of a path (PATH_MAX, less the NUL).
    package static let path = 4_095

    /// Seconds within which a file system must answer a look at a path that a config names, and a start must have executed
    /// its program. Threads that wait for that at a time, and of them those that wait for one file system or start a
    /// process of one user.
    package static let filePatience = 5.0
    /// Seconds after which a start that is not over can be seen.
    package static let startShown = 0.1

    package static let fileThreads = 16
    package static let fileThreadsAlike = 4

    /// Bytes of a file that an `env` value names: a secret, not a database.
    package static let environmentFile = 64 << 10

    /// Bounds of a config's `limits`. Descriptors: fs.nr_open takes no more. Bytes: less than a page's worth of
    /// memory starts nothing, and no machine has a pebibyte. Processors: cpu.max takes no less than 1 ms of 100.
    /// Processes: PID_MAX_LIMIT.
    package static let openFiles = 1 << 30
    package static let leastMemory = 64 << 10
    package static let mostBytes = 1 << 50
    package static let leastCPU = 0.01
    package static let mostCPU = 4_096.0
    package static let pids = 1 << 22

    /// Defaults of a config's `log`: bytes of a file, and files of a stream, of which a process has two.
    package static let logSize = 10 << 20
    package static let logFiles = 5

    /// Bytes of one stream that are taken in one go: a process that floods holds up the others no longer than that takes.
    /// And of a torn line, which are taken one by one.
    package static let logDrain = 256 << 10
    /// Bytes of a pipe as the kernel makes it (pipe(7)); who fills one is a flood.
    package static let pipe = 64 << 10
    package static let logSkip = 4_096

    /// Bounds of the same.
    package static let leastLogSize = 4 << 10
    package static let mostLogSize = 1 << 40
    package static let mostLogFiles = 100

    /// Entries that the times of a log file may have at least, whatever its `max_size`; and bytes between two of them when
    /// there are as many as may be.
    package static let leastLogArrivals = 4_096
    package static let logArrivalStep = 4_096
    /// Microseconds between two entries while a process floods.
    package static let logArrivalPause: Int64 = 1_000

    /// Bytes of a message to those who follow a log, so that no broker refuses it; a longer line is cut.
    package static let followMessage = 16 << 10

    /// Bytes a second of one followed stream, and at once after a quiet time: more than anybody reads, less than a broker
    /// minds.
    package static let followRate = 64 << 10
    package static let followBurst = 256 << 10
    package static let mostFollowRate = 16 << 20

    /// Defaults of a config's `health_check` (seconds) and `ready` (seconds).
    package static let healthCheckInterval = 10.0
    package static let healthCheckTimeout = 5.0
    package static let healthCheckRetries = 3
    package static let readyTimeout = 30.0

    /// Bytes of a line of the agent's journal (a config takes most of it), and of a journal; one of 10,000 processes
    /// with long configs has 100 MB.
    package static let journalLine = 2 * payload
    package static let journalSize = 256 << 20

    /// Bytes of history that a journal may hold beside what is needed.
    package static let journalSlack = 1 << 20

    /// `retries` of a `health_check` at most, and bytes of the path that it asks for.
    package static let mostHealthCheckRetries = 1_000
    package static let healthCheckPath = 1_024

    /// Bytes that the command of a health check has written: taken in one go (all that a pipe holds), kept of the end, and
    /// told of its last line.
    package static let checkRead = 64 << 10
    package static let checkTail = 4 << 10
    package static let checkWords = 256

    /// Processes that an entry names of those left behind, and bytes of a name: the kernel has 15.
    package static let leftBehindNames = 8
    package static let leftBehindName = 64

    /// Highest descriptor that `ready` may name, and bytes of a text that it looks for in each line.
    package static let readyDescriptor = 255
    package static let readyLine = 1_024

    /// Processes that one may depend on.
    package static let dependencies = 64

    /// Bytes of a `schedule`.
    package static let schedule = 256

    /// Seconds since the epoch that a request may name.
    package static let latestTime = 1e11

    /// Lines that `get_log` answers with: unless told, and at most.
    package static let logLines = 100
    package static let mostLogLines = 10_000

    /// Seconds that `follow_log` lasts unless it is renewed: unless told, and at most.
    package static let followTime = 60.0
    package static let longestFollow = 3_600.0

    /// Restarts that a history remembers, whatever `start_limit` says. 8 bytes each.
    package static let restartHistory = 1_000

    /// Seconds between two attempts to save state, and to write logs, where it failed.
    package static let stateRetry = 5.0
    package static let logRetry = 5.0

    /// Seconds within which init must have reaped a process that outlived its keeper, so that the kernel tells how it
    /// ended, and between two looks.
    package static let orphanPatience = 3.0
    package static let orphanRecheck = 0.02

    /// Seconds from an end to the look at what is left behind, and how many processes a message lists.
    package static let strayDelay = 0.5
    /// Looks in a row, at the agent's end, for what becomes another process again and again.
    package static let strayLooks = 1_000
    package static let listedProcesses = 5

    /// Seconds that an agent waits for another one to let go of its state directory.
    package static let lockPatience = 3.0

    /// Seconds since the epoch that a file may name: the years 1970 to 5138.
    package static let times = 0.0...1e11

    /// Seconds that the clock may be set by for schedules to take it for a correction: a start that is left out comes at
    /// once, and one that was is not repeated. It is what Debian's cron has.
    package static let clockCorrection = 3 * 3_600.0

    /// Seconds that the clock must be set by for all processes to be published anew.
    package static let clockNews = 0.5

    /// Seconds between two attempts to connect to a process that is to show that way that it is up.
    package static let readyRecheck = 0.1

    /// Bytes that are read at once of what a process writes on `ready.fd`: as many as a pipe holds.
    package static let readyRead = 64 << 10

    /// Seconds between two such reads once the process is up: it can write 6 MB a second there, and hold up nobody.
    package static let readyPause = 0.01

    /// Seconds that lines wait for others to be published with.
    package static let followDelay = 0.1

    /// Bytes of an excerpt of a log, as JSON: with all around it, it fits into a message.
    package static let logExcerpt = 192 << 10
}
