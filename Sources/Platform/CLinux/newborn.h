#ifndef PM_NEWBORN_H
#define PM_NEWBORN_H

#include "CLinux.h"
#include "descriptors.h"

#include <signal.h>

/// A child that has not executed its program, in memory that it may keep should it never get there.
struct pm_newborn {
	pid_t shares; // not 0 as long as the child shares our memory
	pid_t parent;
	const struct pm_spawn_plan *plan;
	struct pm_places places;
	sigset_t ignored; // signals that we ignore
	int has_handlers; // ours
	int joins_cgroup; // by itself: the kernel could not have it born there
	volatile enum pm_spawn_stage *stage;
	volatile int error;
	char stack[64 * 1024] __attribute__((aligned(16)));
};

/// The one for the thread's next child, always the same until it is lost; NULL with errno without memory.
struct pm_newborn *pm_newborn(const struct pm_spawn_plan *plan, volatile enum pm_spawn_stage *stage);

/// Waits until the child has executed or ended, and kills it when it has done neither in time. Returns its error, or 0.
int pm_await_exec(struct pm_newborn *child, pid_t pid, int pidfd);

/// Whether the child shares our memory.
static inline int pm_is_newborn(struct pm_newborn *child) { return __atomic_load_n(&child->shares, __ATOMIC_ACQUIRE) != 0; }

/// Leaves a child that can't even be killed what it uses of our memory: it will never run again, but the kernel may write
/// there (`shares`) at its end.
void pm_lose_newborn(void);

#endif
