#include "family.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Each new process tells it once it is as it shall be, and has noted its number.
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
	// Until the one in between is gone, the family has one more.
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

void make_family(const struct options *options) {
	note(options->pid_file);
	if (pipe(settled) < 0) fail("pipe");
	// Who is daemonised leaves a child to be reaped, which a supervisor's child may well not do.
	signal(SIGCHLD, SIG_IGN);
	for (int index = 0; index < options->forks; index++)
		if (forked()) settle(options);
	for (int index = 0; index < options->double_forks; index++)
		if (forked()) daemonize(options);
	for (int index = 0; index < options->setsid_grandchildren; index++)
		if (forked()) have_grandchild(options);

	int members = options->forks + options->double_forks + 2 * options->setsid_grandchildren;
	char byte;
	for (int index = 0; index < members; index++)
		if (read(settled[0], &byte, 1) != 1) fail("read");
	close(settled[0]);
	close(settled[1]);
}
