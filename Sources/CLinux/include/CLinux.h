#ifndef CLINUX_H
#define CLINUX_H

// What Swift's Glibc module leaves out, and the one thing that must be C: spawn.
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/types.h>

/// How far a child got before it failed.
enum pm_spawn_stage { PM_SPAWN_CLONE, PM_SPAWN_DIRECTORY, PM_SPAWN_SETUP, PM_SPAWN_EXEC };

struct pm_spawn_plan {
	const char *executable;
	char *const *arguments;   // argv, ends with NULL
	char *const *environment; // ends with NULL
	const char *directory;
	int standard_input, standard_output, standard_error;
	uint64_t open_files; // soft RLIMIT_NOFILE of the child
};

/// Starts a program in a session of its own, with a clean signal mask and default handlers and no descriptor but
/// 0, 1 and 2. Returns once exec has succeeded or failed: the pid, or -1 with errno and the stage.
/// One thread of the process may call it at a time.
pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, enum pm_spawn_stage *failed);

/// A pipe whose ends are close-on-exec and don't block; 0 or -1.
int pm_pipe(int ends[2]);

/// Moves at most `count` bytes from a pipe to `offset` of a file, never waiting for the pipe: how many, or -1.
ssize_t pm_splice(int pipe, int file, int64_t offset, size_t count);

/// PR_SET_CHILD_SUBREAPER of prctl(2), which is variadic, and so out of Swift's reach.
static inline int pm_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L); }

#endif
