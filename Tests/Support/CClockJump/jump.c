// Preloaded into a program (LD_PRELOAD), shifts its wall clock: PM_CLOCK_JUMP names a file that begins with the offset
// in seconds, an int64_t, which may be changed at any time. Other clocks are not affected. A timer that waits for the
// wall clock to be set (TFD_TIMER_CANCEL_ON_SET) expires, as it does when the system's clock is set.
//
// Why not libfaketime: it changes the environment in its constructor, after which Swift's runtime no longer finds the
// program's arguments.
#define _GNU_SOURCE
#include "CClockJump.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *jump;

// The program's only timer of the wall clock, which waits for the clock to be set, and the offset last reported to it.
static volatile int timer = -1;
static volatile int64_t known_jump;

__attribute__((constructor)) static void find_jump(void) {
	const char *path = getenv("PM_CLOCK_JUMP");
	int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) return;
	void *memory = mmap(NULL, sizeof *jump, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (memory != MAP_FAILED) jump = memory;
}

/// Makes the timer expire whenever the file is written to.
static void *watch_file(void *watch) {
	char events[4096];
	const struct itimerspec now = {.it_value.tv_nsec = 1};
	while (syscall(SYS_read, (int)(intptr_t)watch, events, sizeof events) > 0)
		if (*jump != known_jump) syscall(SYS_timerfd_settime, timer, 0, &now, NULL);
	return NULL;
}

static void begin_to_watch(void) {
	int watch = inotify_init1(IN_CLOEXEC);
	if (watch < 0 || inotify_add_watch(watch, getenv("PM_CLOCK_JUMP"), IN_MODIFY) < 0) abort();
	sigset_t all, before;
	sigfillset(&all);
	pthread_t thread;
	pthread_sigmask(SIG_SETMASK, &all, &before); // the thread must not receive the program's signals
	if (pthread_create(&thread, NULL, watch_file, (void *)(intptr_t)watch) != 0) abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_detach(thread);
}

int timerfd_create(clockid_t clock, int flags) {
	int made = (int)syscall(SYS_timerfd_create, clock, flags);
	if (made < 0 || jump == NULL || clock != CLOCK_REALTIME) return made;
	timer = made;
	known_jump = *jump;
	begin_to_watch();
	return made;
}

/// Whether the offset has changed since it was last reported to the program.
static int has_jumped(void) {
	if (*jump == known_jump) return 0;
	known_jump = *jump;
	return 1;
}

int timerfd_settime(int number, int flags, const struct itimerspec *time, struct itimerspec *before) {
	int code = (int)syscall(SYS_timerfd_settime, number, flags, time, before);
	if (code < 0 || number != timer || !has_jumped()) return code;
	errno = ECANCELED;
	return -1;
}

ssize_t read(int number, void *bytes, size_t count) {
	ssize_t got = syscall(SYS_read, number, bytes, count);
	if (timer < 0 || number != timer || !has_jumped()) return got;
	errno = ECANCELED;
	return -1;
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
