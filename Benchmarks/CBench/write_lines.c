#include "CBench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int bench_write_lines(int count) {
	size_t width = BENCH_LINE, size = width * (size_t)count;
	char *text = malloc(size), go;
	if (!text) return 1;
	for (int number = 0; number < count; number++) {
		char *line = text + width * (size_t)number;
		memset(line, 'x', width - 1);
		line[width - 1] = '\n';
		char digits[16];
		memcpy(line, digits, (size_t)snprintf(digits, sizeof digits, "%09d ", number));
	}
	raise(SIGSTOP);
	for (size_t done = 0; done < size;) {
		size_t left = size - done;
		ssize_t written = write(1, text + done, left < 65536 ? left : 65536);
		if (written < 0) return 1;
		done += (size_t)written;
	}
	return 0;
}
