#ifndef PM_CLONE_H
#define PM_CLONE_H

#include <stddef.h>
#include <sys/types.h>

/// A child that shares the memory of its parent until it executes a program or ends.
struct pm_child_start {
	unsigned flags;  // of clone(2)
	int exit_signal; // what its parent is sent when it ends, or 0
	int cgroup;      // directory of the cgroup it is born into, or -1
	char *stack;
	size_t stack_size;
	int (*run)(void *);
	void *context;
	int *pidfd;
	pid_t *shares; // not 0; the kernel sets it to 0, and wakes who waits for it (futex(2)), when the child shares nothing
};

/// Starts it with default signal handlers, by clone3(2); signals that are ignored stay so. -1 with ENOSYS where that
/// can't be done.
pid_t pm_clone3(const struct pm_child_start *start);

/// The same by clone(2): without a cgroup, and with the parent's signal handlers.
pid_t pm_clone(const struct pm_child_start *start);

#endif
