/// Every bound of pmqtt, with its unit and its reason.
package enum Limits {
    /// Bytes of a name. With the longest topic around it, it stays far below the 128 bytes some engines allow a level.
    package static let nameLength = 63

    /// Bytes of a request. A request is a command, not a file transfer.
    package static let payload = 256 * 1024

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

    /// Bytes of a request that is still carried out while answers pile up because the broker is slow.
    package static let smallRequest = 4_096

    /// Messages that wait while the broker is away or slow, and their bytes in all; the oldest go first. After a connect
    /// the states of all processes are among them.
    package static let outboxMessages = 20_000
    package static let outboxBytes = 8 << 20

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

    /// Pairs of log files of forgotten processes that are kept for new ones.
    package static let spareLogs = 64

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

    /// Defaults of a config's `restart`, in seconds: a crash loop backs off to a minute and is given up after four.
    package static let restartDelay = 0.5
    package static let restartMaximumDelay = 60.0
    package static let restartStartLimit = 10
    package static let restartStartInterval = 600.0

    /// Restarts of a process that are remembered: no `start_limit` can be higher. 8 bytes each.
    package static let restartHistory = 1_000

    /// Bytes of a file that an `env` value names: a secret, not a database.
    package static let environmentFile = 64 << 10

    /// Defaults of a config's `log`: bytes of a file, and files of a stream, of which a process has two.
    package static let logSize = 10 << 20
    package static let logFiles = 5

    /// Defaults of a config's `health_check` (seconds) and `ready` (seconds).
    package static let healthCheckInterval = 10.0
    package static let healthCheckTimeout = 5.0
    package static let healthCheckRetries = 3
    package static let readyTimeout = 30.0
}
