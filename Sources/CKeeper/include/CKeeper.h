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
/// group of its own: a terminal's ^C shall reach it once, through the keeper. Returns its pid, or -1.
pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files);

/// By the first program of a virtual machine: what else is wanted before anything can be started. 0 or -1.
int pm_keeper_begin_machine(void);

/// What that program starts: an agent that is all the machine is there for.
extern const char *const pm_keeper_guest_path;
char **pm_keeper_guest_arguments(void);

/// Ends the machine, which is told to take no reboot for anything else.
void pm_keeper_end_machine(void);

int64_t pm_keeper_milliseconds(void);
void pm_keeper_note(const uint8_t *text, long count);

static inline int pm_errno(void) { return errno; }

#endif
