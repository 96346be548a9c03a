// test-child: a process with the misbehaviour that a test needs; options.c lists the options. In C, because Swift has
// no fork.
#include "family.h"
#include "freeze.h"
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void sleep_until(double moment) {
	struct timespec until = {.tv_sec = (time_t)moment};
	until.tv_nsec = (long)((moment - (double)until.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
}

static void write_all(const char *bytes, size_t count) {
	while (count > 0) {
		ssize_t written = write(1, bytes, count);
		if (written < 0 && errno == EINTR) continue;
		if (written < 0) exit(111);
		bytes += written;
		count -= (size_t)written;
	}
}

static void listen_somewhere(void) {
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 64) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) < 0) {
		perror("listen");
		exit(111);
	}
	char line[32];
	write_all(line, (size_t)snprintf(line, sizeof line, "port %d\n", ntohs(address.sin_port)));
}

enum { DIGITS = 10, BUFFER = 64 * 1024 };

/// Counts with decimal digits, which is faster than formatting each number.
static void count_up(char *digits) {
	for (int index = DIGITS - 1; index >= 0 && ++digits[index] > '9'; index--) digits[index] = '0';
}

static void print_lines(const struct options *options, double deadline) {
	size_t length = options->line_bytes > DIGITS + 1 ? (size_t)options->line_bytes : DIGITS + 1;
	size_t capacity = length > BUFFER ? length : BUFFER;
	char *buffer = malloc(capacity), *line = malloc(length);
	if (!buffer || !line) exit(111);
	memset(line, '.', length);
	memset(line, '0', DIGITS);
	line[length - 1] = '\n';
	size_t used = 0;
	double begin = now();
	int64_t lines = options->flood == 0 ? FOREVER : options->flood;
	for (int64_t index = 0; lines == FOREVER || index < lines; index++) {
		count_up(line);
		memcpy(buffer + used, line, length);
		used += length;
		if (options->lines_per_second > 0) {
			double due = begin + (double)index / options->lines_per_second;
			sleep_until(deadline < due ? deadline : due);
		} else if (used + length <= capacity) {
			continue;
		}
		if (now() >= deadline) return;
		write_all(buffer, used);
		used = 0;
	}
	write_all(buffer, used);
}

static void *go_on(void *nothing) {
	for (;;) pause();
	return nothing;
}

static _Noreturn void end_first_thread(void) {
	pthread_t thread;
	if (pthread_create(&thread, NULL, go_on, NULL) != 0) exit(111);
	pthread_exit(NULL);
}

static long offset_at(long long moment) {
	time_t time = (time_t)moment;
	struct tm fields;
	return localtime_r(&time, &fields) ? fields.tm_gmtoff : 0;
}

/// Samples every ten minutes: no time zone has changed its offset and changed it back within that time.
static void print_offsets(const char *range) {
	long long first, last;
	if (sscanf(range, "%lld:%lld", &first, &last) != 2) exit(111);
	printf("%lld %ld\n", first, offset_at(first));
	for (long long time = first; time < last; time += 600) {
		if (offset_at(time + 600) == offset_at(time)) continue;
		long long before = time, after = time + 600;
		while (after - before > 1) {
			long long middle = before + (after - before) / 2;
			if (offset_at(middle) == offset_at(time)) before = middle;
			else after = middle;
		}
		printf("%lld %ld\n", after, offset_at(after));
	}
	fflush(stdout);
}

int main(int count, char **arguments) {
	struct options options = parse_options(count, arguments);
	double deadline = options.after < 0 ? 1e18 : now() + options.after;
	int ends = options.exit_code >= 0 || options.crashes;
	if (options.ignores_term) signal(SIGTERM, SIG_IGN);
	if (options.memory > 0) {
		char *memory = malloc((size_t)options.memory);
		if (!memory) exit(111);
		memset(memory, 1, (size_t)options.memory);
		__asm__ volatile("" : : "r"(memory) : "memory"); // used, as far as the compiler knows
	}
	make_family(&options);
	if (options.newborn_of > 0) freeze_newborn(options.newborn_of, options.stops_at);
	if (options.offsets) print_offsets(options.offsets);
	if (options.listens) listen_somewhere();
	if (options.notify_fd >= 0 && (write(options.notify_fd, "\n", 1) != 1 || close(options.notify_fd) < 0)) {
		perror("--notify-fd");
		exit(111);
	}
	if (options.ready_line) {
		write_all(options.ready_line, strlen(options.ready_line));
		write_all("\n", 1);
	}
	if (options.flood != 0 || options.lines_per_second > 0) print_lines(&options, deadline);
	if (options.after >= 0) sleep_until(deadline);
	if (options.ends_first_thread) end_first_thread();
	if (!ends && options.after < 0)
		for (;;) pause();
	if (options.crashes) {
		signal(SIGABRT, SIG_DFL); // else the Swift runtime, which is linked in, prints a long backtrace
		abort();
	}
	exit(options.exit_code < 0 ? 0 : options.exit_code);
}
