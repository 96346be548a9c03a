#define _GNU_SOURCE
#include "CKeeper.h"
#include "keeper_message.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

// Seconds: for the keeper to send to the pipe holder, and for the holder to exchange a message with the next agent.
enum { SEND_PATIENCE = 1, HANDOVER_PATIENCE = 10 };

pid_t pm_keeper_start_holder(int *near) {
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -1;
	pm_limit_wait(pair[0], SEND_PATIENCE);
	pid_t pid = fork();
	if (pid == 0) {
		// The pipe holder outlives the agent: detach it from the agent's terminal, log and working directory.
		int end = fcntl(pair[1], F_DUPFD, 16), null = open("/dev/null", O_RDWR | O_CLOEXEC);
		for (int number = 0; number < 3; number++) (void)dup2(null, number);
		if (dup2(end, PM_HOLDER_SOCKET) < 0) _exit(111);
		(void)close_range(PM_HOLDER_SOCKET + 1, ~0U, 0);
		(void)setpgid(0, 0);
		(void)!chdir("/");
		execv("/proc/self/exe", (char *[]){PM_HOLDER_NAME, NULL});
		_exit(111);
	}
	close(pair[1]);
	if (pid > 0) {
		*near = pair[0];
		return pid;
	}
	close(pair[0]);
	return -1;
}

int pm_is_holder(const char *name) {
	if (strcmp(name, PM_HOLDER_NAME) != 0) return 0;
	(void)prctl(PR_SET_NAME, PM_HOLDER_NAME, 0L, 0L, 0L);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	return 1;
}

int pm_holder_accept(int listener) {
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0) return -1;
	pm_limit_wait(connection, HANDOVER_PATIENCE);
	return connection;
}
