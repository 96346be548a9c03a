#define _GNU_SOURCE
#include "keeper.h"

#include <fcntl.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <time.h>

union control {
	char bytes[CMSG_SPACE(2 * sizeof(int))];
	struct cmsghdr alignment;
};

int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second) {
	int descriptors[2] = {first >= 0 ? first : second, second};
	size_t size = ((first >= 0) + (second >= 0)) * sizeof(int);
	struct iovec part = {.iov_base = (void *)message, .iov_len = sizeof *message};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {{0}};
	if (size > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(size);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(rights), descriptors, size);
	}
	ssize_t sent;
	while ((sent = sendmsg(socket, &header, MSG_NOSIGNAL)) < 0 && errno == EINTR) {}
	return sent < 0 ? -1 : 0;
}

int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags) {
	struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
	union control control = {{0}};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	ssize_t received;
	while ((received = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
	*first = *second = -1;
	if (received < 0) return errno == ECONNRESET ? 0 : -1;
	struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
		memcpy(first, CMSG_DATA(rights), sizeof *first);
		if (rights->cmsg_len == CMSG_LEN(2 * sizeof(int)))
			memcpy(second, CMSG_DATA(rights) + sizeof *first, sizeof *second);
	}
	return received == sizeof *message;
}

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
	pid_t pid = fork();
	if (pid != 0) return pid;
	// Out of the way first: one may have the other's number.
	socket = fcntl(socket, F_DUPFD, 16);
	if (state >= 0) state = fcntl(state, F_DUPFD, 16);
	sigset_t none;
	sigemptyset(&none);
	if (dup2(socket, PM_WORKER_SOCKET) < 0 || (state >= 0 && dup2(state, PM_WORKER_STATE) < 0)) _exit(111);
	(void)close_range(state >= 0 ? PM_WORKER_STATE + 1 : PM_WORKER_SOCKET + 1, ~0U, 0);
	(void)setpgid(0, 0);
	(void)setrlimit(RLIMIT_NOFILE, &open_files);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, arguments);
	_exit(111);
}

int64_t pm_keeper_milliseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pm_keeper_note(const uint8_t *text, long count) {
	struct iovec parts[2] = {{.iov_base = "pm-keeper: ", .iov_len = 11}, {.iov_base = (void *)text, .iov_len = (size_t)count}};
	(void)!writev(2, parts, 2);
}
