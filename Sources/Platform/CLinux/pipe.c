// Why C: Linux's own calls on pipes are declared for _GNU_SOURCE only, which Swift's Glibc module is built without.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <unistd.h>

int pm_pipe(int ends[2]) {
	if (pipe2(ends, O_CLOEXEC) < 0) return -1;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int pm_resize_pipe(int pipe, int size) { return fcntl(pipe, F_SETPIPE_SZ, size) < 0 ? -1 : 0; }

ssize_t pm_splice(int pipe, int file, int64_t offset, size_t count) {
	off64_t position = offset;
	return splice(pipe, NULL, file, &position, count, SPLICE_F_NONBLOCK);
}
