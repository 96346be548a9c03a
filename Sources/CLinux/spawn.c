// Why C: the child shares our memory until it has executed the new program (CLONE_VM, CLONE_VFORK). In that window no
// Swift may run: it could allocate, retain or take a lock that the stopped parent holds.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	const struct pm_spawn_plan *plan;
	volatile enum pm_spawn_stage stage;
	volatile int error;
};

// dup2 onto the same number would keep close-on-exec, so a descriptor that is already in place is moved away first.
static int place(int descriptor, int target) {
	if (descriptor == target && (descriptor = dup(descriptor)) < 0) return -1;
	return dup2(descriptor, target);
}

static int run_child(void *context) {
	struct child *child = context;
	const struct pm_spawn_plan *plan = child->plan;

	child->stage = PM_SPAWN_SETUP;
	for (int signal_number = 1; signal_number < NSIG; signal_number++) {
		struct sigaction standard = {.sa_handler = SIG_DFL};
		(void)sigaction(signal_number, &standard, NULL); // KILL, STOP and the C library's own refuse
	}
	if (setsid() < 0) goto failed;
	if (place(plan->standard_input, 0) < 0 || place(plan->standard_output, 1) < 0 || place(plan->standard_error, 2) < 0)
		goto failed;
	(void)close_range(3, ~0U, 0); // before Linux 5.9 only close-on-exec helps, which libmosquitto's sockets lack
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = plan->open_files < limit.rlim_max ? plan->open_files : limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}

	child->stage = PM_SPAWN_DIRECTORY;
	if (chdir(plan->directory) < 0) goto failed;

	child->stage = PM_SPAWN_EXEC;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(plan->executable, plan->arguments, plan->environment);
failed:
	child->error = errno;
	_exit(127);
}

pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, enum pm_spawn_stage *failed) {
	static char stack[64 * 1024] __attribute__((aligned(16)));
	struct child child = {.plan = plan, .stage = PM_SPAWN_CLONE, .error = 0};

	// A handler of ours must not run in the child while it uses our memory.
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, pidfd);
	int error = pid < 0 ? errno : child.error;
	sigprocmask(SIG_SETMASK, &before, NULL);

	if (pid >= 0 && error == 0) return pid;
	if (pid >= 0) {
		siginfo_t ignored;
		while (waitid(P_PID, (id_t)pid, &ignored, WEXITED) < 0 && errno == EINTR) {}
		close(*pidfd);
	}
	*failed = child.stage;
	errno = error;
	return -1;
}
