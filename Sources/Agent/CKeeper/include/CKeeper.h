#ifndef CKEEPER_H
#define CKEEPER_H

// The C part of the keeper. Why C: Embedded Swift has no Glibc module, and between fork and exec no Swift may run.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// Makes this process a child subreaper, blocks the signals that it handles and raises the soft RLIMIT_NOFILE to the
/// hard one. Stores the previous limit in `*open_files`. Returns a nonblocking signalfd, or -1 with errno.
int pm_keeper_prepare(struct rlimit *open_files);

/// Returns the next pending signal, or 0 if there is none.
int pm_keeper_next_signal(int signals);

/// Creates a connected SOCK_SEQPACKET pair. Only the keeper's end is nonblocking. Returns 0, or -1 with errno.
int pm_keeper_pair(int *keeper, int *worker);

/// Starts the worker with `socket` as PM_WORKER_SOCKET and, unless it is -1, `state` as PM_WORKER_STATE. The worker has
/// a process group of its own, so that ^C in a terminal reaches it once, through the keeper. It is killed when the
/// keeper ends. Returns its pid, or -1 with errno.
pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files);

/// argv[0] and process name of the pipe holder. It differs from the keeper's, so that killing keepers by name spares
/// it.
#define PM_HOLDER_NAME "pm-pipes"

/// Starts the pipe holder with one end of a socket pair as PM_HOLDER_SOCKET. Stores the other end in `*socket`; a send
/// on it blocks for at most one second. Returns its pid, or -1.
pid_t pm_keeper_start_holder(int *socket);

#define PM_HOLDER_SOCKET 3

/// Returns whether argv[0] says that this process is the pipe holder. If so, sets its process name and blocks all
/// signals.
int pm_is_holder(const char *name);

/// Accepts a connection of the next agent's worker, with send and receive timeouts of 10 s. Returns -1 if there is
/// none.
int pm_holder_accept(int listener);

/// Mounts /proc, which a guest's init needs before it can start the worker. Returns 0, or -1 with errno.
int pm_keeper_begin_guest(void);

/// The path and argv of the worker in a guest.
extern const char *const pm_keeper_guest_path;
char **pm_keeper_guest_arguments(void);

/// Ends the VM, by a reboot: QEMU runs with -no-reboot and exits then.
void pm_keeper_end_guest(void);

/// Milliseconds of CLOCK_MONOTONIC.
int64_t pm_keeper_milliseconds(void);

/// Writes one line to stderr: `pm-keeper: ` and the text, which ends with a newline.
void pm_keeper_note(const uint8_t *text, long count);

static inline int pm_errno(void) { return errno; }

#endif
