#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"test-child [OPTION]...: a process with the misbehaviour that a test needs.\n"
	"It carries out the options in the order of this list, and then sleeps until it is killed.\n"
	"\n"
	"  --ignore-term            ignore SIGTERM, also in all descendants\n"
	"  --pid-file PATH          append the pids of this process and of all descendants, one per line\n"
	"  --memory BYTES           allocate this much memory and write to it\n"
	"  --offsets FIRST:LAST     print \"TIME OFFSET\" of the local time zone between these times, and whenever it changes\n"
	"  --fork N                 start N children that sleep\n"
	"  --double-fork N          start N daemons: forked twice, in sessions of their own, without stdout\n"
	"  --setsid-grandchild      start a child that sleeps, and a grandchild in a session of its own\n"
	"  --limit-locks            set the hard limit on file locks, which the agent uses as mark\n"
	"  --limit-rttime           set the hard limit on real-time CPU time, as real-time programs do\n"
	"  --cgroup DIRECTORY       create that cgroup if it is missing, and move to it\n"
	"  --become-owner           set all user ids to the owner of the setuid file, as su does\n"
	"  --runaway N              start N children in sessions of their own that carry out the four options above instead\n"
	"  --listen                 listen on a free port of 127.0.0.1 and print \"port N\"\n"
	"  --notify-fd N            write a newline to descriptor N and close it\n"
	"  --stop-newborn PID       stop (SIGSTOP) the next process that PID starts, and exit\n"
	"  --at CALL                where: after chdir, sendmsg or setuid, or before its first instruction (birth, default)\n"
	"  --ready-line TEXT        print TEXT\n"
	"  --flood LINES|forever    print numbered lines, ten digits each, as fast as possible\n"
	"  --lines-per-second R     print R numbered lines per second, without end or as many as --flood says\n"
	"  --line-bytes N           pad each line with dots to N bytes, including the newline\n"
	"  --after SECONDS          stop printing lines and wait until SECONDS after the start\n"
	"  --exit CODE              exit\n"
	"  --crash                  abort\n"
	"  --end-first-thread       end the first thread while another one runs\n";

static void refuse(const char *why, const char *what) {
	fprintf(stderr, "test-child: %s %s; see --help\n", why, what);
	exit(100);
}

static double number(const char *text) {
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end != 0 || !(value >= 0)) refuse("not a number:", text);
	return value;
}

struct options parse_options(int count, char **arguments) {
	struct options options = {.notify_fd = -1, .stops_at = "birth", .exit_code = -1, .after = -1};
	for (int index = 1; index < count; index++) {
		const char *name = arguments[index];
		if (strcmp(name, "--help") == 0) {
			fputs(help, stdout);
			exit(0);
		} else if (strcmp(name, "--ignore-term") == 0) {
			options.ignores_term = 1;
		} else if (strcmp(name, "--setsid-grandchild") == 0) {
			options.setsid_grandchildren++;
		} else if (strcmp(name, "--listen") == 0) {
			options.listens = 1;
		} else if (strcmp(name, "--limit-locks") == 0) {
			options.limits_locks = 1;
		} else if (strcmp(name, "--limit-rttime") == 0) {
			options.limits_rttime = 1;
		} else if (strcmp(name, "--become-owner") == 0) {
			options.becomes_owner = 1;
		} else if (strcmp(name, "--end-first-thread") == 0) {
			options.ends_first_thread = 1;
		} else if (strcmp(name, "--crash") == 0) {
			options.crashes = 1;
		} else if (index + 1 == count) {
			refuse("unknown, or without its value:", name);
		} else {
			const char *value = arguments[++index];
			if (strcmp(name, "--pid-file") == 0) options.pid_file = value;
			else if (strcmp(name, "--stop-newborn") == 0) options.newborn_of = (int)number(value);
			else if (strcmp(name, "--at") == 0) options.stops_at = value;
			else if (strcmp(name, "--ready-line") == 0) options.ready_line = value;
			else if (strcmp(name, "--offsets") == 0) options.offsets = value;
			else if (strcmp(name, "--fork") == 0) options.forks = (int)number(value);
			else if (strcmp(name, "--double-fork") == 0) options.double_forks = (int)number(value);
			else if (strcmp(name, "--runaway") == 0) options.runaways = (int)number(value);
			else if (strcmp(name, "--cgroup") == 0) options.cgroup = value;
			else if (strcmp(name, "--memory") == 0) options.memory = (long)number(value);
			else if (strcmp(name, "--notify-fd") == 0) options.notify_fd = (int)number(value);
			else if (strcmp(name, "--flood") == 0)
				options.flood = strcmp(value, "forever") == 0 ? FOREVER : (int64_t)number(value);
			else if (strcmp(name, "--lines-per-second") == 0) options.lines_per_second = number(value);
			else if (strcmp(name, "--line-bytes") == 0) options.line_bytes = (long)number(value);
			else if (strcmp(name, "--exit") == 0) options.exit_code = (int)number(value);
			else if (strcmp(name, "--after") == 0) options.after = number(value);
			else refuse("unknown:", name);
		}
	}
	return options;
}
