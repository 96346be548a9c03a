#ifndef PM_KEEPER_MESSAGE_H
#define PM_KEEPER_MESSAGE_H

// The messages between keeper, worker, newborns and pipe holder, on SOCK_SEQPACKET sockets. Why C: descriptors travel
// in control messages, which are macros (cmsg(3)), and a newborn may run no Swift.
#include <stdint.h>

enum pm_keeper_kind {
	PM_BORN = 1, // newborn, or worker for an adopted process, to keeper: launch and pid, with the read ends of its log
				 // pipes; status is 1 if the keeper is its parent
	PM_RELEASE,  // worker to keeper: the launch is finished and may be forgotten
	PM_STATE,    // worker to keeper: the descriptor to give to the next worker
	PM_READY,    // worker to keeper: the worker supervises; keeper to worker: everything that it holds was sent
	PM_HELD,     // keeper to a new worker: a launch that it holds, as in PM_BORN
	PM_ENDING,   // worker to keeper: it was told to end; should it die first, the next worker shall end as well
	PM_EXITED,   // keeper to worker: pid, status as of wait(2), and launch, or 0 for an orphan of some tree
	PM_HOLDER,   // keeper to worker: the pid of the pipe holder, with a socket to it; pipe holder to the worker of the
				 // next agent: its pid, then what it holds as PM_HELD, then PM_READY; PM_RELEASE then ends it
	PM_HOLD,     // worker to pipe holder: a launch, with the read ends of its log pipes
	PM_LISTEN,   // worker to pipe holder: the socket that the worker of the next agent connects to
	// Since version 2:
	PM_HELLO,    // the first message of keeper and worker: the sender's version as status; the keeper adds the number of
				 // its hand-overs as launch, and as pid the result of the latest one (PM_TRY_…)
	PM_TRY,      // worker to keeper: could the keeper's program on the disk take over?
	PM_TRIED,    // keeper to worker: the result as status (PM_TRY_…)
};

/// The version of these messages. Keeper and worker may differ in it, because the programs can be replaced while either
/// runs: each program understands the version before its own, and is understood by it. A program sends only kinds that
/// the version in the other's PM_HELLO has; without a PM_HELLO, that version is 1. The layout is the same in every
/// version.
#define PM_KEEPER_VERSION 2

/// The oldest version that is understood, and that understands all messages but those of a later one.
#define PM_KEEPER_OLDEST 1

/// The version of the table that a keeper hands to its successor (CKeeper.h).
#define PM_TABLE_VERSION 1

/// Whether the keeper's program on the disk can take over: 0, errno of its exec, or one of these plus the exit code or
/// the signal of `pm-keeper --try`.
#define PM_TRY_EXITED 1000
#define PM_TRY_KILLED 2000
/// The exit code of `pm-keeper --try` if it does not understand the table of the running keeper.
#define PM_TABLE_UNKNOWN 114

/// The exit code of a worker that can't talk to its keeper. The keeper then executes its own program anew, and ends if
/// the next worker can't talk to that one either.
#define PM_WORKER_REFUSED 112

/// The exit code of a worker that has ended for an upgrade: the keeper executes its own program and the worker's anew,
/// at once.
#define PM_WORKER_UPGRADES 113

/// The three versions above, as the program uses them. Tests make programs of other versions by changing the numbers
/// after the mark in a copy of a program's file.
struct pm_versions {
	char mark[20];
	uint32_t message, oldest, table;
};
extern const volatile struct pm_versions pm_versions;
static inline uint32_t pm_message_version(void) { return pm_versions.message; }
static inline uint32_t pm_oldest_message_version(void) { return pm_versions.oldest; }
static inline uint32_t pm_table_version(void) { return pm_versions.table; }

struct pm_keeper_message {
	uint32_t kind;
	int32_t pid;
	uint64_t launch;
	int32_t status;
	uint32_t version; // the oldest one that understands the sender; set by pm_keeper_send
};

/// Whether the sender of a message speaks a version that this program understands, by the message's version and, in a
/// PM_HELLO, by the sender's own.
int pm_keeper_understands(const struct pm_keeper_message *message);

/// Sends a message, with the descriptors `first` and `second` unless they are -1. Returns 0, or -1 with errno.
int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second);

/// Receives a message, with flags of recvmsg(2). Sets `*first` and `*second` to the descriptors that came with it, else
/// to -1. Returns 1; 0 at the end of the connection; or -1 with errno.
int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags);

/// Limits the time to connect, to send and to receive. Then each fails with EAGAIN.
void pm_limit_wait(int socket, int seconds);

/// Closes the descriptors that came with a message of an unknown kind. The message has no other effect.
void pm_keeper_drop(int first, int second);

#define PM_WORKER_SOCKET 3
#define PM_WORKER_STATE 4

#endif
