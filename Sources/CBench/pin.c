#define _GNU_SOURCE
#include "CBench.h"

#include <sched.h>

int bench_pin(int pid, int processor) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	return sched_setaffinity(pid, sizeof set, &set);
}
