// Why C: it belongs to spawn.c.
#define _GNU_SOURCE
#include "newborn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Thread_local struct pm_newborn *memory;

struct pm_newborn *pm_newborn(const struct pm_spawn_plan *plan, volatile enum pm_spawn_stage *stage) {
	if (!memory) {
		void *pages = mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pages == MAP_FAILED) return NULL;
		memory = pages;
		// Read once, because a program sets its ignored signals when it begins.
		sigemptyset(&memory->ignored);
		for (int number = 1; number < NSIG; number++) {
			struct sigaction action;
			if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) sigaddset(&memory->ignored, number);
		}
	}
	memory->shares = 1;
	memory->parent = plan->parent_reaps ? getppid() : getpid();
	memory->plan = plan;
	memory->places = pm_places_of(plan);
	memory->has_handlers = memory->joins_cgroup = 0;
	memory->stage = stage;
	memory->error = 0;
	return memory;
}

void pm_lose_newborn(void) { memory = NULL; }

static int64_t nanoseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// The child shares this thread's errno, so errno is not evaluated here.
static int await(struct pm_newborn *child, int seconds) {
	int64_t deadline = nanoseconds() + seconds * INT64_C(1000000000);
	while (pm_is_newborn(child)) {
		int64_t rest = deadline - nanoseconds();
		if (rest <= 0) return 0;
		struct timespec limit = {.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000};
		(void)syscall(SYS_futex, &child->shares, FUTEX_WAIT, 1, &limit, NULL, 0);
	}
	return 1;
}

// Whether a process is stopped by a signal (T) or by a tracer (t), see proc_pid_stat(5).
static int is_stopped(pid_t pid) {
	char path[32], text[256];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) return 0;
	ssize_t count = read(file, text, sizeof text - 1);
	close(file);
	if (count <= 0) return 0;
	text[count] = 0;
	const char *name_end = strrchr(text, ')');
	return name_end && (name_end[2] == 'T' || name_end[2] == 't');
}

int pm_await_exec(struct pm_newborn *child, pid_t pid, int pidfd) {
	if (await(child, PM_SPAWN_STOP_PATIENCE)) return child->error;
	enum pm_spawn_stage stage = PM_SPAWN_STOPPED;
	if (!is_stopped(pid)) {
		if (await(child, PM_SPAWN_PATIENCE - PM_SPAWN_STOP_PATIENCE)) return child->error;
		stage = is_stopped(pid) ? PM_SPAWN_STOPPED : PM_SPAWN_LATE;
	}
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	(void)await(child, PM_SPAWN_KILL_PATIENCE);
	__atomic_store_n(child->stage, stage, __ATOMIC_RELAXED);
	return ETIMEDOUT;
}
