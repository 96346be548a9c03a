// Why C: prlimit(2) is a GNU extension that Swift's Glibc module does not show; ioctl(2) and syscall(2) are variadic,
// and an ioctl's request is a macro that Swift can't read.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t pm_marked_launch(pid_t pid) {
	// The second is the mark of pmqtt 0.2.0, which may have left running processes.
	static const int marks[] = {RLIMIT_LOCKS, RLIMIT_RTTIME};
	for (int index = 0; index < 2; index++) {
		struct rlimit limit;
		if (prlimit(pid, marks[index], 0, &limit) < 0) return PM_UNSET;
		if (limit.rlim_max >= PM_MARK_BASE && limit.rlim_max < 2 * PM_MARK_BASE) return limit.rlim_max - PM_MARK_BASE;
	}
	errno = 0;
	return PM_UNSET;
}

uint64_t pm_highest_mark(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_LOCKS, &limit) < 0) return 0;
	// The only way to find out whether we may raise the limit is to raise it.
	struct rlimit raised = {.rlim_cur = limit.rlim_cur, .rlim_max = RLIM_INFINITY};
	if (setrlimit(RLIMIT_LOCKS, &raised) == 0) {
		(void)setrlimit(RLIMIT_LOCKS, &limit);
		return PM_MARK_BASE - 1;
	}
	return limit.rlim_max < PM_MARK_BASE ? PM_UNSET : limit.rlim_max - PM_MARK_BASE;
}

int pm_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int pm_pidfd_send_signal(int pidfd, int signal) {
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int pm_pidfd_getfd(int pidfd, int descriptor) { return (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0); }

// struct pidfd_info and its ioctl request, from <linux/pidfd.h> of Linux 6.15.
struct pidfd_info {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t user_and_group_ids[8];
	int32_t exit_code;
};
enum { PIDFD_INFO_EXIT = 1 << 3 };
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)

int pm_exit_status(int pidfd) {
	struct pidfd_info info = {.mask = PIDFD_INFO_EXIT};
	if (ioctl(pidfd, PIDFD_GET_INFO, &info) < 0) return -2;
	return info.mask & PIDFD_INFO_EXIT ? info.exit_code : -1;
}
