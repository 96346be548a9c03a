#define _GNU_SOURCE
// Stops a process at a chosen place with ptrace(2). An attacker without ptrace would need hundreds of tries.
#include "freeze.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
	perror(what);
	exit(111);
}

static long number_of(const char *call) {
	if (strcmp(call, "birth") == 0) return -1;
	if (strcmp(call, "sendmsg") == 0) return SYS_sendmsg;
	if (strcmp(call, "chdir") == 0) return SYS_chdir;
	if (strcmp(call, "setuid") == 0) return SYS_setuid;
	fprintf(stderr, "test-child: can't stop at %s\n", call);
	exit(100);
}

static int is_syscall_stop(int status) { return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80); }

/// Lets `child`, which is in its first stop, run until it has returned from the system call.
static void run_until(pid_t child, long number) {
	for (long entered = -1;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) < 0) fail("PTRACE_SYSCALL");
		int status;
		if (waitpid(child, &status, __WALL) < 0 || !WIFSTOPPED(status)) fail("the child has ended");
		if (!is_syscall_stop(status)) continue;
		struct __ptrace_syscall_info info;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info) < 0) fail("PTRACE_GET_SYSCALL_INFO");
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) entered = (long)info.entry.nr;
		else if (entered == number) return;
	}
}

void freeze_newborn(pid_t parent, const char *call) {
	long number = number_of(call);
	long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD;
	if (ptrace(PTRACE_SEIZE, parent, NULL, (void *)options) < 0) fail("PTRACE_SEIZE");
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int status;
		pid_t stopped = waitpid(-1, &status, __WALL);
		if (stopped < 0) fail("wait");
		if (!WIFSTOPPED(status)) continue;
		int is_event = status >> 16 != 0;
		// Ignore threads of `parent`: only a new process counts.
		if (stopped == parent || syscall(SYS_tgkill, parent, stopped, 0) == 0) {
			if (ptrace(PTRACE_CONT, stopped, NULL, (void *)(long)(is_event ? 0 : WSTOPSIG(status))) < 0) fail("PTRACE_CONT");
			continue;
		}
		if (number >= 0) run_until(stopped, number);
		if (kill(stopped, SIGSTOP) < 0 || ptrace(PTRACE_DETACH, stopped, NULL, NULL) < 0) fail("PTRACE_DETACH");
		printf("stopped %d\n", stopped);
		fflush(stdout);
		exit(0);
	}
}
