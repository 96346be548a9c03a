// Why C: ioctl(2) is variadic, and its request a macro that Swift can't read.
#include "CLinux.h"

#include <string.h>

// struct pidfd_info of <linux/pidfd.h> as of Linux 6.15, and what is asked with it.
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
	if (ioctl(pidfd, PIDFD_GET_INFO, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT)) return -1;
	return info.exit_code;
}
