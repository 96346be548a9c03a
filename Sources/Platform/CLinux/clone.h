#ifndef PM_CLONE_H
#define PM_CLONE_H

#include <stddef.h>
#include <sys/types.h>

/// A child that shares the memory of its parent until it executes a program or ends.
struct pm_child_start {
	unsigned flags;  // of clone(2)
	int exit_signal; // sent to its parent when it ends, or 0
	int cgroup;      // directory of the cgroup to start it in, or -1
	char *stack;
	size_t stack_size;
	int (*run)(void *);
	void *context;
	int *pidfd;
	pid_t *shares; // not 0; when the child stops sharing memory, the kernel sets it to 0 and wakes waiters (futex(2))
};

/// Starts the child by clone3(2), with default signal handlers; ignored signals stay ignored. -1 with ENOSYS if clone3
/// is not available.
pid_t pm_clone3(const struct pm_child_start *start);

/// The same by clone(2): without a cgroup, and with the parent's signal handlers.
pid_t pm_clone(const struct pm_child_start *start);

#endif
