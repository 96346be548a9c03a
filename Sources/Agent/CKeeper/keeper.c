#define _GNU_SOURCE
#include "CKeeper.h"
#include "CLinux.h"
#include "keeper_message.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

int pm_keeper_prepare(struct rlimit *open_files) {
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	if (getrlimit(RLIMIT_NOFILE, open_files) == 0) {
		struct rlimit raised = {.rlim_cur = open_files->rlim_max, .rlim_max = open_files->rlim_max};
		(void)setrlimit(RLIMIT_NOFILE, &raised);
	}
	sigset_t taken;
	sigemptyset(&taken);
	sigaddset(&taken, SIGCHLD);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGHUP);
	sigaddset(&taken, SIGUSR2);
	sigprocmask(SIG_SETMASK, &taken, NULL);
	return signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
}

int pm_keeper_next_signal(int signals) {
	struct signalfd_siginfo info;
	return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int pm_keeper_pair(int *keeper, int *worker) {
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -1;
	*keeper = pair[0];
	*worker = pair[1];
	return fcntl(*keeper, F_SETFL, O_NONBLOCK);
}

pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files) {
	pid_t keeper = getpid(), pid = fork();
	if (pid != 0) return pid;
	// The worker must die with the keeper: it holds the lock of the state directory, which the next agent needs.
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	if (getppid() != keeper) _exit(111);
	// Move both descriptors to high numbers first: one may have the target number of the other.
	socket = fcntl(socket, F_DUPFD, 16);
	if (state >= 0) state = fcntl(state, F_DUPFD, 16);
	// Blocked until the worker has opened its signalfd: before that, they would terminate it.
	sigset_t waiting;
	sigemptyset(&waiting);
	sigaddset(&waiting, SIGTERM);
	sigaddset(&waiting, SIGINT);
	sigaddset(&waiting, SIGHUP);
	sigaddset(&waiting, SIGUSR2);
	if (dup2(socket, PM_WORKER_SOCKET) < 0 || (state >= 0 && dup2(state, PM_WORKER_STATE) < 0)) _exit(111);
	(void)close_range(state >= 0 ? PM_WORKER_STATE + 1 : PM_WORKER_SOCKET + 1, ~0U, 0);
	(void)setpgid(0, 0);
	(void)setrlimit(RLIMIT_NOFILE, &open_files);
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	execv(path, arguments);
	_exit(111);
}

int64_t pm_keeper_milliseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// As in the log of the worker (ServiceSupport/Log.swift): a level for systemd's journal (sd-daemon(3)), the name only
// under another agent, which keeps the times of lines, else time, level and name.
static size_t prefix(char *text, size_t size) {
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char own[48];
	if (stream && fstat(2, &status) == 0) {
		snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
		if (strcmp(own, stream) == 0) return (size_t)snprintf(text, size, "<4>");
	}
	if (pm_marked_launch(getpid()) != UINT64_MAX) return (size_t)snprintf(text, size, "pm-keeper: ");
	time_t now = time(NULL);
	struct tm fields;
	return localtime_r(&now, &fields) ? strftime(text, size, "%Y-%m-%dT%H:%M:%S%z warning pm-keeper: ", &fields) : 0;
}

void pm_keeper_note(const uint8_t *text, long count) {
	char begin[64];
	struct iovec parts[2] = {
		{.iov_base = begin, .iov_len = prefix(begin, sizeof begin)},
		{.iov_base = (void *)text, .iov_len = (size_t)count},
	};
	(void)!writev(2, parts, 2);
}
