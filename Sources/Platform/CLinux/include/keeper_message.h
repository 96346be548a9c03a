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
};

/// The version of these messages. Messages of another version are refused: a keeper may be older than its worker,
/// because the worker's program can be replaced while the keeper runs. The layout is the same in every version.
#define PM_KEEPER_VERSION 1

/// The exit code of a worker that can't talk to its keeper. The keeper then ends as well, and the next one has the
/// worker's version.
#define PM_WORKER_REFUSED 112

struct pm_keeper_message {
	uint32_t kind;
	int32_t pid;
	uint64_t launch;
	int32_t status;
	uint32_t version; // set by pm_keeper_send
};

/// Sends a message, with the descriptors `first` and `second` unless they are -1. Returns 0, or -1 with errno.
int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second);

/// Receives a message, with flags of recvmsg(2). Sets `*first` and `*second` to the descriptors that came with it, else
/// to -1. Returns 1; 0 at the end of the connection; or -1 with errno.
int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags);

/// Limits the time to connect, to send and to receive. Then each fails with EAGAIN.
void pm_limit_wait(int socket, int seconds);

#define PM_WORKER_SOCKET 3
#define PM_WORKER_STATE 4

#endif
