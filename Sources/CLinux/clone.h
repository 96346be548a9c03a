#ifndef PM_CLONE_H
#define PM_CLONE_H

#include <stddef.h>
#include <sys/types.h>

/// As clone(2) of the C library, but the child is born into a cgroup. -1 with ENOSYS where that can't be done.
pid_t pm_clone_into(
	int cgroup, unsigned flags, char *stack, size_t stack_size, int (*run)(void *), void *context, int *pidfd);

#endif
