#define _GNU_SOURCE
#include "CBench.h"

#include <sched.h>

int bench_pin(int pid, int processor) {
	cpu_set_t set;
	CPU_ZERO(&set);
	for (int each = 0; each < CPU_SETSIZE; each++) {
		if (processor < 0 || processor == each) CPU_SET(each, &set);
	}
	return sched_setaffinity(pid, sizeof set, &set);
}
