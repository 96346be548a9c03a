// The child of `pm-bench respawn`: reports the time of its start, then waits to be killed.
//
// It is C and linked statically, because the time until its `main` is part of every figure: about 0.3 ms, several
// with a runtime to load.

#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

// Written atomically (pipe(7), PIPE_BUF); Benchmarks/pm-bench/Beacon.swift reads it.
struct start {
	int64_t pid;
	int64_t nanoseconds;  // of CLOCK_MONOTONIC
};

// Seconds after which a beacon that was not killed ends by itself.
enum { lifetime = 600 };

int main(int count, char **arguments) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (count != 2) return 100;
	int fifo = open(arguments[1], O_WRONLY | O_CLOEXEC);
	struct start start = {getpid(), (int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
	if (fifo < 0 || write(fifo, &start, sizeof start) != sizeof start) return 111;
	alarm(lifetime);
	for (;;) pause();
}
