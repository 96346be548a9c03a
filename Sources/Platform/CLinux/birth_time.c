// Why C: statx(2) is declared for _GNU_SOURCE only, which Swift's Glibc module is built without.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sys/stat.h>

int64_t pm_birth_time(int file) {
	struct statx info;
	if (statx(file, "", AT_EMPTY_PATH, STATX_BTIME, &info) < 0 || !(info.stx_mask & STATX_BTIME)) return 0;
	return info.stx_btime.tv_sec * INT64_C(1000000000) + info.stx_btime.tv_nsec;
}
