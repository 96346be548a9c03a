// Preloaded into a program (LD_PRELOAD), lets its wall clock jump: PM_CLOCK_JUMP names a file that begins with the seconds
// by which it is off, as an int64_t, and may be changed at any time. The monotonic clock and all timers stay as they are,
// as they do when somebody sets a machine's clock.
//
// Why not libfaketime: it changes the environment in its constructor, after which Swift's runtime no longer finds the
// program's arguments.
#define _GNU_SOURCE
#include "CClockJump.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *jump;

__attribute__((constructor)) static void find_jump(void) {
	const char *path = getenv("PM_CLOCK_JUMP");
	int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) return;
	void *memory = mmap(NULL, sizeof *jump, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (memory != MAP_FAILED) jump = memory;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
	int code = (int)syscall(SYS_clock_gettime, clock, now);
	if (code == 0 && jump != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *jump;
	return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
	(void)zone;
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	*now = (struct timeval){.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *now) {
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	if (now != NULL) *now = time.tv_sec;
	return time.tv_sec;
}
