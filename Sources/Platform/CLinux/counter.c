// Why C: reading the time stamp counter takes a processor instruction.
#include "CLinux.h"

#include <time.h>

#if defined(__x86_64__)
static int64_t nanoseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint32_t pm_counter_khz(void) {
	int64_t begin = nanoseconds();
	uint64_t first = __builtin_ia32_rdtsc();
	struct timespec pause = {.tv_nsec = 20000000};
	nanosleep(&pause, NULL);
	int64_t end = nanoseconds();
	uint64_t count = __builtin_ia32_rdtsc() - first;
	return (uint32_t)(count * 1000000 / (uint64_t)(end - begin));
}
#else
uint32_t pm_counter_khz(void) { return 0; }
#endif
