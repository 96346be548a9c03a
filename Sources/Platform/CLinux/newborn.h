#ifndef PM_NEWBORN_H
#define PM_NEWBORN_H

#include "CLinux.h"
#include "descriptors.h"

#include <signal.h>

/// A child between clone and exec. Its memory is never reused if the child can't be killed (pm_lose_newborn).
struct pm_newborn {
	pid_t shares; // not 0 while the child shares our memory
	pid_t parent;
	const struct pm_spawn_plan *plan;
	struct pm_places places;
	sigset_t ignored; // the parent's ignored signals
	int has_handlers; // not 0: the child has the parent's signal handlers
	int joins_cgroup; // not 0: it must join the cgroup by itself, because it was not cloned into it
	volatile enum pm_spawn_stage *stage;
	volatile int error;
	char stack[64 * 1024] __attribute__((aligned(16)));
};

/// Prepares the thread's newborn for its next child. It is reused until it is lost. NULL with errno if out of memory.
struct pm_newborn *pm_newborn(const struct pm_spawn_plan *plan, volatile enum pm_spawn_stage *stage);

/// Waits until the child has executed its program or ended, and kills it if it does neither in time. Returns the
/// child's errno, or 0.
int pm_await_exec(struct pm_newborn *child, pid_t pid, int pidfd);

/// Whether the child still shares our memory.
static inline int pm_is_newborn(struct pm_newborn *child) { return __atomic_load_n(&child->shares, __ATOMIC_ACQUIRE) != 0; }

/// Gives up the memory of a child that can't be killed. The child never runs again, but the kernel may still write to
/// `shares` when it ends.
void pm_lose_newborn(void);

#endif
