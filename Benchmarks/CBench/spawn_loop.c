#define _GNU_SOURCE
#include "CBench.h"

#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double bench_spawn_loop(int count, double *seconds_each) {
	char *arguments[] = {"/bin/true", 0}, *environment[] = {"PATH=/usr/bin:/bin", 0};
	double begin = now();
	for (int index = 0; index < count; index++) {
		double start = now();
		pid_t pid;
		if (posix_spawn(&pid, arguments[0], 0, 0, arguments, environment) != 0) return -1;
		seconds_each[index] = now() - start;
		int status;
		if (waitpid(pid, &status, 0) != pid) return -1;
	}
	return now() - begin;
}
