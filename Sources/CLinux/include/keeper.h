#ifndef KEEPER_H
#define KEEPER_H

// What keeper, worker and newborn children say to each other over a SOCK_SEQPACKET pair, and the calls that Swift can't make:
// control messages are macros (cmsg(3)), and between fork and exec no Swift may run.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum pm_keeper_kind {
	PM_BORN = 1, // child to keeper, before exec: launch, pid; the read ends of its log pipes; status is whether the
				 // keeper is its parent
	PM_RELEASE,  // worker to keeper: launch is dealt with
	PM_STATE,    // worker to keeper: the descriptor that the next worker shall get
	PM_READY,    // worker to keeper: it supervises; keeper to worker: all that it holds is said
	PM_HELD,     // keeper to a new worker: as it was born
	PM_EXITED,   // keeper to worker: pid, status as of wait(2), launch or 0 for somebody's orphan
};

struct pm_keeper_message {
	uint32_t kind;
	int32_t pid;
	uint64_t launch;
	int32_t status;
	uint32_t reserved;
};

/// Sends a message, and `first` and `second` with it unless they are -1. Returns 0, or -1 with errno.
int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second);

/// Receives one, with the flags of recvmsg(2); what came with it is in `*first` and `*second`, else -1.
/// Returns 1; 0 at the end; or -1 with errno.
int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags);

// The keeper's own.

/// Becomes the subreaper, blocks the signals that it takes and raises the soft RLIMIT_NOFILE, which is in `*open_files` as
/// it was. Returns the signalfd.
int pm_keeper_prepare(struct rlimit *open_files);

/// The next signal that has come, or 0.
int pm_keeper_next_signal(int signals);

/// A connected pair: the keeper's end does not block, the worker's does.
int pm_keeper_pair(int *keeper, int *worker);

/// Starts the worker with `socket` as PM_WORKER_SOCKET and `state`, unless it is -1, as PM_WORKER_STATE, in a process
/// group of its own: a terminal's ^C shall reach it once, through the keeper. Returns its pid, or -1.
pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files);

int64_t pm_keeper_milliseconds(void);
void pm_keeper_note(const uint8_t *text, long count);

#define PM_WORKER_SOCKET 3
#define PM_WORKER_STATE 4

static inline int pm_errno(void) { return errno; }

#endif
