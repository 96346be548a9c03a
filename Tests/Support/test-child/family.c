#define _GNU_SOURCE
#include "family.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// Each new process writes a byte to it once it has reached its final state and its pid is in the pid file.
static int settled[2];

static void fail(const char *what) {
	perror(what);
	exit(111);
}

static void note(const char *pid_file) {
	if (!pid_file) return;
	char line[16];
	int length = snprintf(line, sizeof line, "%d\n", (int)getpid());
	int file = open(pid_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0 || write(file, line, (size_t)length) != length) fail(pid_file);
	close(file);
}

static _Noreturn void settle(const struct options *options) {
	note(options->pid_file);
	if (write(settled[1], "", 1) != 1) fail("write");
	close(settled[0]);
	close(settled[1]);
	for (;;) pause();
}

static int forked(void) {
	pid_t pid = fork();
	if (pid < 0) fail("fork");
	return pid == 0;
}

static _Noreturn void daemonize(const struct options *options) {
	setsid();
	pid_t between = getpid();
	if (!forked()) _exit(0);
	// Wait for the end of the intermediate process, which is not part of the family.
	while (getppid() == between) usleep(100);
	int null = open("/dev/null", O_RDWR);
	for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
	if (null > 2) close(null);
	settle(options);
}

static _Noreturn void have_grandchild(const struct options *options) {
	if (forked()) {
		setsid();
		settle(options);
	}
	settle(options);
}

static void move_to_cgroup(const char *directory) {
	if (mkdir(directory, 0755) < 0 && errno != EEXIST) fail(directory);
	char path[512];
	snprintf(path, sizeof path, "%s/cgroup.procs", directory);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, "0", 1) != 1) fail(path);
	close(file);
}

static void set_limit(int resource) {
	if (setrlimit(resource, &(struct rlimit){.rlim_cur = 200000000, .rlim_max = 200000000}) < 0) fail("setrlimit");
}

/// Leaves its cgroup, mark and user, as the options say: the agent finds descendants by these.
static void escape(const struct options *options) {
	if (options->cgroup) move_to_cgroup(options->cgroup);
	if (options->limits_locks) set_limit(RLIMIT_LOCKS);
	if (options->limits_rttime) set_limit(RLIMIT_RTTIME);
	if (options->becomes_owner && setresuid(geteuid(), geteuid(), geteuid()) < 0) fail("setresuid");
}

static _Noreturn void run_away(const struct options *options) {
	setsid();
	escape(options);
	settle(options);
}

void make_family(const struct options *options) {
	note(options->pid_file);
	if (pipe(settled) < 0) fail("pipe");
	// Let the kernel reap the intermediate processes of daemons: this program never waits for children.
	signal(SIGCHLD, SIG_IGN);
	for (int index = 0; index < options->forks; index++)
		if (forked()) settle(options);
	for (int index = 0; index < options->double_forks; index++)
		if (forked()) daemonize(options);
	for (int index = 0; index < options->setsid_grandchildren; index++)
		if (forked()) have_grandchild(options);

	for (int index = 0; index < options->runaways; index++)
		if (forked()) run_away(options);
	if (options->runaways == 0) escape(options);

	int members = options->forks + options->double_forks + 2 * options->setsid_grandchildren + options->runaways;
	char byte;
	for (int index = 0; index < members; index++)
		if (read(settled[0], &byte, 1) != 1) fail("read");
	close(settled[0]);
	close(settled[1]);
}
