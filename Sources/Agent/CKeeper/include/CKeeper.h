#ifndef CKEEPER_H
#define CKEEPER_H

// What the keeper takes from the C library: Embedded Swift has no Glibc module, and between fork and exec no Swift may run.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// Becomes the subreaper, blocks the signals that it takes and raises the soft RLIMIT_NOFILE, which is in `*open_files` as
/// it was. Returns the signalfd.
int pm_keeper_prepare(struct rlimit *open_files);

/// The next signal that has come, or 0.
int pm_keeper_next_signal(int signals);

/// A connected pair: the keeper's end does not block, the worker's does.
int pm_keeper_pair(int *keeper, int *worker);

/// Starts the worker with `socket` as PM_WORKER_SOCKET and `state`, unless it is -1, as PM_WORKER_STATE, in a process
/// group of its own: a terminal's ^C shall reach it once, through the keeper. It is killed when the keeper ends. Returns its
/// pid, or -1.
pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files);

/// argv[0] of the holder of pipes, and its name in a list of processes: what ends all keepers spares it.
#define PM_HOLDER_NAME "pm-pipes"

/// Starts the holder of pipes, which has its end of a pair as PM_HOLDER_SOCKET. The other end is in `*socket`; to send on it
/// takes a second at most. Returns its pid, or -1.
pid_t pm_keeper_start_holder(int *socket);

#define PM_HOLDER_SOCKET 3

/// Whether this program is to be the holder; then it takes its name.
int pm_is_holder(const char *name);

/// Takes a connection of the next agent's worker, on which neither side waits for the other for long; -1 when there is none.
int pm_holder_accept(int listener);

/// By the first program of a virtual machine: what else is wanted before anything can be started. 0 or -1.
int pm_keeper_begin_guest(void);

/// What that program starts: an agent that is all the machine is there for.
extern const char *const pm_keeper_guest_path;
char **pm_keeper_guest_arguments(void);

/// Ends the machine, which is told to take no reboot for anything else.
void pm_keeper_end_guest(void);

int64_t pm_keeper_milliseconds(void);
void pm_keeper_note(const uint8_t *text, long count);

static inline int pm_errno(void) { return errno; }

#endif
