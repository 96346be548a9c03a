#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdint.h>

enum { FOREVER = -1 };

struct options {
	int ignores_term, listens, crashes;
	int forks, double_forks, setsid_grandchildren, runaways;
	int limits_locks, limits_rttime, becomes_owner, ends_first_thread;
	const char *cgroup;
	int64_t flood; // lines, or FOREVER
	double lines_per_second;
	long line_bytes;
	long memory;
	int notify_fd; // -1: none
	int newborn_of; // 0: none
	const char *ready_line, *pid_file, *stops_at, *offsets;
	int exit_code; // -1: does not exit
	double after;  // seconds; negative: none
};

/// Parses the arguments. On an error it prints a line with the reason and exits with code 100.
struct options parse_options(int count, char **arguments);

#endif
