// Why C: the child shares our memory until it has executed the new program (CLONE_VM, CLONE_VFORK). In that window no
// Swift may run: it could allocate, retain or take a lock that the stopped parent holds.
#define _GNU_SOURCE
#include "CLinux.h"
#include "clone.h"
#include "descriptors.h"
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	pid_t parent;
	const struct pm_spawn_plan *plan;
	struct pm_places places;
	int joins_cgroup; // by itself: the kernel could not have it born there
	volatile enum pm_spawn_stage *stage;
	volatile int error;
};

// Whoever holds the other end knows of the child, and has its logs, before it can do anything: should we be killed now,
// nothing of it is lost. Nobody there is no reason not to run.
static void announce(const struct pm_spawn_plan *plan) {
	if (plan->birth < 0) return;
	struct pm_keeper_message message = {
		.kind = PM_BORN, .pid = getpid(), .launch = plan->launch, .status = plan->parent_reaps != 0};
	(void)pm_keeper_send(plan->birth, &message, plan->log_ends[0], plan->log_ends[1]);
}

static int join_cgroup(int directory) {
	int members = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (members < 0) return -1;
	ssize_t written = write(members, "0", 1); // 0 is whoever writes
	return close(members) == 0 && written == 1 ? 0 : -1;
}

static int limit(int resource, uint64_t value) {
	if (value == PM_UNSET) return 0;
	return setrlimit(resource, &(struct rlimit){.rlim_cur = value, .rlim_max = value});
}

// Only an upper bound is lowered here, so there is no error to tell of.
static void limit_softly(int resource, uint64_t value) {
	struct rlimit limit;
	if (getrlimit(resource, &limit) < 0) return;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

// Whether the judged file is what stands there now. -1 with ESTALE when it is another one.
static int is_judged(int file, const struct pm_file_identity *judged) {
	struct stat info;
	if ((file < 0 ? stat(".", &info) : fstat(file, &info)) < 0) return -1;
	if (info.st_dev == judged->device && info.st_ino == judged->inode) return 0;
	errno = ESTALE;
	return -1;
}

// Executes the file that was judged, whatever its path leads to by now. It is executed by its path where only root could
// have changed that: a program that is executed by a descriptor has another name in ps before Linux 6.14, and a script
// finds /dev/fd/N as its own path.
static void execute_judged(const struct pm_spawn_plan *plan) {
	int file = open(plan->executable, O_PATH | O_CLOEXEC);
	if (file < 0 || is_judged(file, &plan->judged_program) < 0) return;
	if (plan->program_is_settled) {
		execve(plan->executable, plan->arguments, plan->environment);
		return;
	}
	syscall(SYS_execveat, file, "", plan->arguments, plan->environment, AT_EMPTY_PATH);
	if (errno != ENOENT) return;
	// A script, which its interpreter must be able to open (execveat(2)): it keeps the descriptor.
	(void)fcntl(file, F_SETFD, 0);
	syscall(SYS_execveat, file, "", plan->arguments, plan->environment, AT_EMPTY_PATH);
}

static int run_child(void *context) {
	struct child *child = context;
	const struct pm_spawn_plan *plan = child->plan;
	announce(plan);

	*child->stage = PM_SPAWN_CGROUP;
	if (child->joins_cgroup && join_cgroup(plan->cgroup) < 0) goto failed;

	// While its table of descriptors is still the parent's: the parent shall have the socket.
	*child->stage = PM_SPAWN_NETWORK;
	if (plan->inner_port != 0 && (*plan->listener = pm_listen_inside(plan->inner_port)) < 0) goto failed;

	*child->stage = PM_SPAWN_SETUP;
	for (int signal_number = 1; signal_number < NSIG; signal_number++) {
		struct sigaction standard = {.sa_handler = SIG_DFL};
		(void)sigaction(signal_number, &standard, NULL); // KILL, STOP and the C library's own refuse
	}
	if (setsid() < 0 || pm_take_places(&child->places) < 0) goto failed;

	// What only root may do comes before it stops being root.
	if (plan->cgroup < 0 && plan->launch != PM_UNSET) (void)limit(RLIMIT_RTTIME, PM_MARK_BASE + plan->launch);
	*child->stage = PM_SPAWN_OPEN_FILES;
	if (plan->open_files == PM_UNSET) limit_softly(RLIMIT_NOFILE, plan->soft_open_files);
	if (limit(RLIMIT_NOFILE, plan->open_files) < 0) goto failed;
	*child->stage = PM_SPAWN_CORE;
	if (limit(RLIMIT_CORE, plan->core) < 0) goto failed;
	*child->stage = PM_SPAWN_DATA;
	if (limit(RLIMIT_DATA, plan->data) < 0) goto failed;
	*child->stage = PM_SPAWN_NICE;
	if (plan->has_nice && setpriority(PRIO_PROCESS, 0, plan->nice) < 0) goto failed;

	// Not the C library's: they would change the threads of the parent, whose memory we share.
	*child->stage = PM_SPAWN_GROUP;
	if (plan->group != PM_UNSET_ID &&
		(syscall(SYS_setgroups, plan->group_count, plan->groups) < 0 || syscall(SYS_setgid, plan->group) < 0))
		goto failed;
	*child->stage = PM_SPAWN_USER;
	if (plan->user != PM_UNSET_ID && syscall(SYS_setuid, plan->user) < 0) goto failed;
	if (plan->umask != PM_UNSET_ID) umask(plan->umask);
	if (plan->no_new_privileges) (void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	// Becoming another user would undo it.
	if (plan->dies_with_parent) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
		// It may have ended before: then nothing would.
		if (getppid() != child->parent) goto failed;
	}

	*child->stage = PM_SPAWN_DIRECTORY;
	if (chdir(plan->directory) < 0) goto failed;
	if (plan->judged_directory.inode != 0 && is_judged(-1, &plan->judged_directory) < 0) goto failed;

	*child->stage = PM_SPAWN_EXEC;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (plan->judged_program.inode != 0)
		execute_judged(plan);
	else
		execve(plan->executable, plan->arguments, plan->environment);
failed:
	child->error = errno;
	// Not _exit: a sanitizer's would do its last work in the parent's memory, which this is.
	syscall(SYS_exit_group, 127);
	__builtin_unreachable();
}

char *pm_child_stack(void) {
	static _Thread_local char *stack;
	if (!stack) stack = aligned_alloc(16, PM_CHILD_STACK);
	return stack;
}

static pid_t clone_child(struct child *child, int *pidfd) {
	char *stack = pm_child_stack();
	if (!stack) return -1;
	const struct pm_spawn_plan *plan = child->plan;
	unsigned flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | (plan->parent_reaps ? CLONE_PARENT : 0);
	// Who is not root needs to be root of something to have a network.
	if (plan->inner_port != 0) flags |= CLONE_NEWNET | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
	if (plan->cgroup >= 0) {
		*child->stage = PM_SPAWN_CGROUP;
		pid_t pid = pm_clone_into(plan->cgroup, flags, stack, PM_CHILD_STACK, run_child, child, pidfd);
		if (pid >= 0 || errno != ENOSYS) return pid;
		// An old kernel, or a container that forbids it. The other way is slower by half a millisecond.
		child->joins_cgroup = 1;
	}
	*child->stage = PM_SPAWN_CLONE;
	return clone(run_child, stack + PM_CHILD_STACK, (int)flags | SIGCHLD, child, pidfd);
}

// As it was before any child could change it.
static int is_dumpable(void) {
	static atomic_int dumpable = -1;
	int unknown = -1;
	if (dumpable < 0) atomic_compare_exchange_strong(&dumpable, &unknown, prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
	return dumpable == 1;
}

pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, volatile enum pm_spawn_stage *stage) {
	struct child child = {.plan = plan, .parent = getpid(), .places = pm_places_of(plan), .stage = stage};
	*child.stage = PM_SPAWN_SETUP;

	// A handler of ours must not run in the child while it uses our memory.
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	(void)is_dumpable();
	pm_fill_slots(&child.places);
	pid_t pid = clone_child(&child, pidfd);
	int error = pid < 0 ? errno : child.error;
	pm_empty_slots(&child.places);
	// The child that became another user made the memory we shared private, so that we would leave no core.
	if (plan->user != PM_UNSET_ID && is_dumpable()) (void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
	sigprocmask(SIG_SETMASK, &before, NULL);

	if (pid >= 0 && error == 0) return pid;
	if (pid >= 0) {
		siginfo_t ignored;
		while (!plan->parent_reaps && waitid(P_PID, (id_t)pid, &ignored, WEXITED) < 0 && errno == EINTR) {}
	}
	errno = error;
	return -1;
}
