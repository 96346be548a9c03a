#ifndef PM_KEEPER_MESSAGE_H
#define PM_KEEPER_MESSAGE_H

// What keeper, worker, newborn children and the holder of pipes say to each other over SOCK_SEQPACKET sockets. Why C: descriptors travel in
// control messages, which are macros (cmsg(3)), and a newborn child may run no Swift.
#include <stdint.h>

enum pm_keeper_kind {
	PM_BORN = 1, // child to keeper, before exec: launch, pid; the read ends of its log pipes; status is whether the
				 // keeper is its parent
	PM_RELEASE,  // worker to keeper: launch is dealt with
	PM_STATE,    // worker to keeper: the descriptor that the next worker shall get
	PM_READY,    // worker to keeper: it supervises; keeper to worker: all that it holds is said
	PM_HELD,     // keeper to a new worker: as it was born
	PM_ENDING,   // worker to keeper: it was told to end, and whoever comes after it is to end as well
	PM_EXITED,   // keeper to worker: pid, status as of wait(2), launch or 0 for somebody's orphan
	PM_HOLDER,   // keeper to worker: the pid of the holder of pipes, and the socket to it; holder to the worker of the next
				 // agent: its pid. Then it sends what it holds as PM_HELD, and PM_READY; PM_RELEASE ends it
	PM_HOLD,     // worker to holder: launch; the read ends of its log pipes
	PM_LISTEN,   // worker to holder: the socket that the worker of the next agent connects to
};

/// The version of these messages. Another one is refused: a keeper may be older than its worker, whose program can be
/// replaced meanwhile. The layout stays as it is in every version.
#define PM_KEEPER_VERSION 1

/// What a worker exits with that can't speak with its keeper: the keeper ends as well, and the next one is of its version.
#define PM_WORKER_REFUSED 112

struct pm_keeper_message {
	uint32_t kind;
	int32_t pid;
	uint64_t launch;
	int32_t status;
	uint32_t version; // set where it is sent
};

/// Sends a message, and `first` and `second` with it unless they are -1. Returns 0, or -1 with errno.
int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second);

/// Receives one, with the flags of recvmsg(2); what came with it is in `*first` and `*second`, else -1.
/// Returns 1; 0 at the end; or -1 with errno.
int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags);

/// Bounds how long it takes to connect, to send and to receive: then each fails with EAGAIN.
void pm_limit_wait(int socket, int seconds);

#define PM_WORKER_SOCKET 3
#define PM_WORKER_STATE 4

#endif
