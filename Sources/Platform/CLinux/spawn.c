// Why C: the newborn shares our memory until it has executed its program (CLONE_VM). In that window no Swift may run:
// it could allocate, retain or take a lock that the parent holds.
//
// pm_spawn runs in the parent: it puts the descriptors in place, clones the newborn and waits for its exec. run_child
// is the newborn. It announces itself to the keeper, sets up everything that its plan says, and executes the program.
//
// The parent waits for a limited time, unlike with CLONE_VFORK: any process of the newborn's user can stop the newborn,
// and a file system may hang. For the same reason the newborn changes its user as late as possible, right before exec.
#define _GNU_SOURCE
#include "CLinux.h"
#include "clone.h"
#include "descriptors.h"
#include "network.h"
#include "newborn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void reach(struct pm_newborn *child, enum pm_spawn_stage stage) {
	__atomic_store_n(child->stage, stage, __ATOMIC_RELAXED);
}

enum pm_spawn_stage pm_stage(const volatile enum pm_spawn_stage *stage) {
	return __atomic_load_n(stage, __ATOMIC_RELAXED);
}

// Tells the keeper about the child and gives it the read ends of the log pipes, before the child does anything else:
// then nothing is lost if the worker is killed. Errors are ignored, because the child also runs without a keeper.
static void announce(const struct pm_spawn_plan *plan) {
	if (plan->birth < 0) return;
	struct pm_keeper_message message = {
		.kind = PM_BORN, .pid = getpid(), .launch = plan->launch, .status = plan->parent_reaps != 0};
	(void)pm_keeper_send(plan->birth, &message, plan->log_ends[0], plan->log_ends[1]);
}

static int join_cgroup(int directory) {
	int members = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (members < 0) return -1;
	ssize_t written = write(members, "0", 1); // 0: the writing process
	return close(members) == 0 && written == 1 ? 0 : -1;
}

static int limit(int resource, uint64_t value) {
	if (value == PM_UNSET) return 0;
	return setrlimit(resource, &(struct rlimit){.rlim_cur = value, .rlim_max = value});
}

// Sets the soft limit, at most to the hard one. Errors are ignored.
static void limit_softly(int resource, uint64_t value) {
	struct rlimit limit;
	if (getrlimit(resource, &limit) < 0) return;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

// 0 if `file`, or the working directory if it is negative, is the file that the policy check judged. Else -1, with
// ESTALE for another file.
static int is_judged(int file, const struct pm_file_identity *judged) {
	struct stat info;
	if ((file < 0 ? stat(".", &info) : fstat(file, &info)) < 0) return -1;
	if (info.st_dev == judged->device && info.st_ino == judged->inode) return 0;
	errno = ESTALE;
	return -1;
}

// Executes the file that was judged, whatever its path leads to by now. If only root could have changed the path, the
// file is executed by its path, because execution by a descriptor has drawbacks: before Linux 6.14 ps shows another
// name, and a script gets /dev/fd/N as its own path.
static void execute_judged(const struct pm_spawn_plan *plan) {
	int file = open(plan->executable, O_PATH | O_CLOEXEC);
	if (file < 0 || is_judged(file, &plan->judged_program) < 0) return;
	if (plan->program_is_settled) {
		execve(plan->executable, plan->arguments, plan->environment);
		return;
	}
	syscall(SYS_execveat, file, "", plan->arguments, plan->environment, AT_EMPTY_PATH);
	if (errno != ENOENT) return;
	// The file is a script. Its interpreter must be able to open it, so the descriptor stays open (execveat(2)).
	(void)fcntl(file, F_SETFD, 0);
	syscall(SYS_execveat, file, "", plan->arguments, plan->environment, AT_EMPTY_PATH);
}

// Exec and CLONE_CLEAR_SIGHAND reset handlers, but leave ignored signals ignored.
static void reset_handlers(const struct pm_newborn *child) {
	for (int number = 1; number < NSIG; number++) {
		struct sigaction standard = {.sa_handler = SIG_DFL};
		// SIGKILL, SIGSTOP and the C library's own signals can't be set, which does not matter.
		if (child->has_handlers || sigismember(&child->ignored, number) == 1) (void)sigaction(number, &standard, NULL);
	}
}

static int set_limits(struct pm_newborn *child) {
	const struct pm_spawn_plan *plan = child->plan;
	if (plan->launch != PM_UNSET) (void)limit(RLIMIT_LOCKS, PM_MARK_BASE + plan->launch);
	reach(child, PM_SPAWN_OPEN_FILES);
	if (plan->open_files == PM_UNSET) limit_softly(RLIMIT_NOFILE, plan->soft_open_files);
	if (limit(RLIMIT_NOFILE, plan->open_files) < 0) return -1;
	reach(child, PM_SPAWN_CORE);
	if (limit(RLIMIT_CORE, plan->core) < 0) return -1;
	reach(child, PM_SPAWN_DATA);
	if (limit(RLIMIT_DATA, plan->data) < 0) return -1;
	reach(child, PM_SPAWN_NICE);
	return plan->has_nice ? setpriority(PRIO_PROCESS, 0, plan->nice) : 0;
}

// Enters the directory with the user's rights. Only the file system user id is changed: then processes of that user
// can't signal the newborn yet (kill(2)).
static int enter_directory(struct pm_newborn *child) {
	reach(child, PM_SPAWN_DIRECTORY);
	const struct pm_spawn_plan *plan = child->plan;
	if (plan->user != PM_UNSET_ID) (void)setfsuid(plan->user);
	if (chdir(plan->directory) < 0) return -1;
	return plan->judged_directory.inode != 0 ? is_judged(-1, &plan->judged_directory) : 0;
}

static int run_child(void *context) {
	struct pm_newborn *child = context;
	const struct pm_spawn_plan *plan = child->plan;
	// If the newborn is stopped while it shares our descriptors, it would hold our locks after our end.
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	if (getppid() != child->parent) goto failed;
	announce(plan);

	reach(child, PM_SPAWN_CGROUP);
	if (child->joins_cgroup && join_cgroup(plan->cgroup) < 0) goto failed;

	// Before the newborn has a descriptor table of its own, because the socket is the parent's.
	reach(child, PM_SPAWN_NETWORK);
	if (plan->inner_port != 0 && (*plan->listener = pm_listen_inside(plan->inner_port)) < 0) goto failed;

	reach(child, PM_SPAWN_SETUP);
	reset_handlers(child);
	// In this order: while the newborn shares our descriptors, it stays in our process group, by which the keeper finds
	// it.
	if (pm_take_places(&child->places) < 0 || setsid() < 0) goto failed;

	// Before the user is changed, because some limits need root.
	if (set_limits(child) < 0) goto failed;
	// System calls, because the C library's functions would change the parent's threads, too (nptl(7)).
	reach(child, PM_SPAWN_GROUP);
	if (plan->group != PM_UNSET_ID &&
		(syscall(SYS_setgroups, plan->group_count, plan->groups) < 0 || syscall(SYS_setgid, plan->group) < 0))
		goto failed;
	if (plan->umask != PM_UNSET_ID) umask(plan->umask);
	if (plan->no_new_privileges) (void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (enter_directory(child) < 0) goto failed;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!plan->dies_with_parent) (void)prctl(PR_SET_PDEATHSIG, 0L, 0L, 0L, 0L);

	reach(child, PM_SPAWN_USER);
	if (plan->user != PM_UNSET_ID) {
		if (syscall(SYS_setuid, plan->user) < 0) goto failed;
		// The change of the user has cleared it (PR_SET_PDEATHSIG of prctl(2)).
		if (plan->dies_with_parent) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
			if (getppid() != child->parent) goto failed;
		}
	}
	reach(child, PM_SPAWN_EXEC);
	if (plan->judged_program.inode != 0)
		execute_judged(plan);
	else
		execve(plan->executable, plan->arguments, plan->environment);
failed:
	child->error = errno;
	// Not _exit: that of a sanitizer would do its final work in the parent's memory.
	syscall(SYS_exit_group, 127);
	__builtin_unreachable();
}

// ThreadSanitizer keeps a thread's state in memory, which the child must not share with a running parent.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PM_PARENT_WAITS CLONE_VFORK
#endif
#endif
#ifndef PM_PARENT_WAITS
#define PM_PARENT_WAITS 0
#endif

static pid_t clone_child(struct pm_newborn *child, int *pidfd) {
	const struct pm_spawn_plan *plan = child->plan;
	struct pm_child_start start = {
		.flags = PM_PARENT_WAITS | CLONE_FILES | (plan->parent_reaps ? CLONE_PARENT : 0),
		.exit_signal = plan->parent_reaps ? 0 : SIGCHLD, // CLONE_PARENT: the kernel takes our own
		.cgroup = plan->cgroup,
		.stack = child->stack,
		.stack_size = sizeof child->stack,
		.run = run_child,
		.context = child,
		.pidfd = pidfd,
		.shares = &child->shares};
	// Only root may create a network namespace without a user namespace.
	if (plan->inner_port != 0) start.flags |= CLONE_NEWNET | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
	reach(child, plan->cgroup >= 0 ? PM_SPAWN_CGROUP : PM_SPAWN_CLONE);
	pid_t pid = pm_clone3(&start);
	if (pid >= 0 || errno != ENOSYS) return pid;
	// An old kernel, or a container that forbids clone3. The other way is half a millisecond slower.
	child->joins_cgroup = plan->cgroup >= 0;
	child->has_handlers = 1;
	reach(child, PM_SPAWN_CLONE);
	return pm_clone(&start);
}

// The dumpable flag as it was before the first newborn could clear it.
static int was_dumpable(void) {
	static atomic_int dumpable = -1;
	int unknown = -1;
	if (dumpable < 0) atomic_compare_exchange_strong(&dumpable, &unknown, prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
	return dumpable == 1;
}

// A newborn that changes its user clears the dumpable flag of the shared memory, so that the user can't read it
// (PR_SET_DUMPABLE of prctl(2)). The flag is set again when no thread has such a newborn any more.
static pthread_mutex_t dumpable_lock = PTHREAD_MUTEX_INITIALIZER;
static int user_changing_newborns;

static void user_change_begins(void) {
	pthread_mutex_lock(&dumpable_lock);
	(void)was_dumpable();
	user_changing_newborns++;
	pthread_mutex_unlock(&dumpable_lock);
}

static void user_change_has_ended(void) {
	pthread_mutex_lock(&dumpable_lock);
	if (--user_changing_newborns == 0 && was_dumpable()) (void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
	pthread_mutex_unlock(&dumpable_lock);
}

// The parent does it when the newborn has memory of its own: the kernel gives the value to all processes that share
// memory (__set_oom_adj in fs/proc/base.c), so a newborn would set it for us, too.
static void set_oom_score_adj(pid_t pid, int pidfd, int value) {
	char text[40];
	snprintf(text, sizeof text, "/proc/%d/oom_score_adj", pid);
	int file = open(text, O_WRONLY | O_CLOEXEC);
	if (file < 0) return;
	// If it lives now, the file is that of the process and not of a later one with its pid.
	int length = snprintf(text, sizeof text, "%d", value);
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0) (void)!write(file, text, (size_t)length);
	close(file);
}

pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, volatile enum pm_spawn_stage *stage) {
	// Other threads may read it at the same time.
	__atomic_store_n(stage, PM_SPAWN_SETUP, __ATOMIC_RELAXED);
	struct pm_newborn *child = pm_newborn(plan, stage);
	if (!child) return -1;

	// A handler of ours must not run in the child while it uses our memory.
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	int changes_user = plan->user != PM_UNSET_ID;
	if (changes_user) user_change_begins();
	pm_fill_slots(&child->places);
	pid_t pid = clone_child(child, pidfd);
	int error = pid < 0 ? errno : pm_await_exec(child, pid, *pidfd);
	pm_empty_slots(&child->places);
	int is_lost = pid >= 0 && pm_is_newborn(child);
	if (is_lost) pm_lose_newborn();
	else if (changes_user) user_change_has_ended();
	sigprocmask(SIG_SETMASK, &before, NULL);

	if (pid >= 0 && error == 0) {
		set_oom_score_adj(pid, *pidfd, plan->oom_score_adj);
		return pid;
	}
	if (pid >= 0) {
		siginfo_t ignored;
		while (!plan->parent_reaps && !is_lost && waitid(P_PID, (id_t)pid, &ignored, WEXITED) < 0 && errno == EINTR) {}
	}
	errno = error;
	return -1;
}
