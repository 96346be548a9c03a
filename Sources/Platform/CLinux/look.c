// Why C: it runs in a child, where no Swift may run (see spawn.c).
//
// Why a child: a system call on a path may hang for ever, as on a network file system without its server. A hanging
// thread can keep the process from ending, as it may not even be killed (fuse: a request that its daemon has read). A
// child that shares our memory and nothing else can be left behind.
#define _GNU_SOURCE
#include "CLinux.h"
#include "clone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_path(const char *path, uint32_t how) {
	struct open_how request = {
		.flags = O_PATH | O_CLOEXEC | (how & PM_LOOK_AT_LINK ? O_NOFOLLOW : 0),
		.resolve = how & PM_LOOK_ON_ROOT ? RESOLVE_NO_XDEV : 0,
	};
	int file = (int)syscall(SYS_openat2, AT_FDCWD, path, &request, sizeof request);
	if (file >= 0 || errno != ENOSYS) return file;
	// Before Linux 5.6, or if a sandbox forbids openat2: no path counts as being on the root file system.
	if (how & PM_LOOK_ON_ROOT) return errno = EXDEV, -1;
	return open(path, (int)request.flags);
}

static char *own_name(int file, char *buffer, size_t size) {
	snprintf(buffer, size, "/proc/self/fd/%d", file);
	return buffer;
}

// Whether only root can replace the file at the path, which has no symbolic links. Checks each directory up to /.
static int is_settled(char *path, uint32_t how) {
	struct stat next;
	int has_next = 0;
	for (char *end = path + strlen(path);;) {
		char kept = *end;
		*end = 0;
		int file = open_path(end == path ? "/" : path, how | PM_LOOK_AT_LINK);
		*end = kept;
		struct stat info;
		int failed = file < 0 || fstat(file, &info) < 0;
		if (file >= 0) close(file);
		if (failed) return 0;
		// A user with write permission for a directory can rename its entries; in a sticky directory, only the user's
		// own.
		int is_open = info.st_uid != 0 || ((info.st_mode & 022) && !(info.st_mode & S_ISVTX));
		if (has_next && (is_open || ((info.st_mode & S_ISVTX) && (info.st_mode & 022) && next.st_uid != 0))) return 0;
		if (end == path) return 1;
		next = info;
		has_next = 1;
		while (end > path && *--end != '/') {}
	}
}

// By the file system ids, which access(2) would replace by the real ones.
static int may_execute(const char *name) {
	int result = (int)syscall(SYS_faccessat2, AT_FDCWD, name, X_OK, AT_EACCESS);
	if (result < 0 && errno == ENOSYS) result = access(name, X_OK); // before Linux 5.8
	return result == 0;
}

static void look(const char *path, uint32_t how, struct pm_sight *sight) {
	char name[40];
	struct stat info;
	memset(sight, 0, offsetof(struct pm_sight, path) + 1);
	int file = open_path(path, how);
	if (file < 0) {
		sight->error = errno;
		return;
	}
	ssize_t length = readlink(own_name(file, name, sizeof name), sight->path, sizeof sight->path - 1);
	if (fstat(file, &info) < 0 || length < 0) {
		sight->error = errno;
		close(file);
		return;
	}
	sight->path[length] = 0;
	sight->mode = info.st_mode;
	sight->identity = (struct pm_file_identity){info.st_dev, info.st_ino};
	if (how & PM_LOOK_CLOSELY) {
		sight->may_execute = S_ISREG(info.st_mode) && may_execute(name);
		sight->is_settled = S_ISREG(info.st_mode) && is_settled(sight->path, how);
	}
	close(file);
}

static void read_at(const char *path, uint32_t how, struct pm_reading *reading) {
	char name[40];
	struct stat info;
	reading->error = 0;
	reading->count = 0;
	int place = open_path(path, how);
	if (place < 0) {
		reading->error = errno;
		return;
	}
	int file = -1;
	if (fstat(place, &info) < 0)
		reading->error = errno;
	else if (reading->identity.inode != 0 &&
			 (info.st_dev != reading->identity.device || info.st_ino != reading->identity.inode))
		reading->error = ESTALE;
	else if (!S_ISREG(info.st_mode))
		reading->error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL; // opening a device or a pipe may have side effects
	else if ((file = open(own_name(place, name, sizeof name), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		reading->error = errno;
	close(place);
	while (file >= 0 && reading->count < reading->size) {
		ssize_t count = read(file, reading->bytes + reading->count, reading->size - reading->count);
		if (count < 0 && errno == EINTR) continue;
		if (count < 0) reading->error = errno;
		if (count <= 0) break;
		reading->count += (size_t)count;
	}
	if (file >= 0) close(file);
}

// What the child does.
struct errand {
	const char *path;
	uint32_t how;
	const struct pm_account *account; // NULL: our own
	struct pm_sight *sight; // NULL: read the file instead
	struct pm_reading *reading;
	pid_t parent;
};

static void run(const struct errand *errand) {
	if (errand->sight)
		look(errand->path, errand->how, errand->sight);
	else
		read_at(errand->path, errand->how, errand->reading);
}

// System calls, because the C library's setgroups would change the parent's threads, too (nptl(7)).
static int take(const struct pm_account *account) {
	if (!account) return 0;
	if (syscall(SYS_setgroups, account->group_count, account->groups) < 0) return -1;
	(void)setfsgid(account->group);
	(void)setfsuid(account->user);
	return 0;
}

static int run_aside(void *context) {
	struct errand *errand = context;
	// With a descriptor table of its own, a child that can't be killed does not keep our files open and locked.
	if (close_range(3, ~0U, CLOSE_RANGE_UNSHARE) < 0) (void)unshare(CLONE_FILES);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	int failed = getppid() != errand->parent || take(errand->account) < 0;
	if (!failed) run(errand);
	syscall(SYS_exit_group, failed);
	__builtin_unreachable();
}

// One stack per thread, never freed.
enum { CHILD_STACK = 64 * 1024 };
static char *child_stack(void) {
	static _Thread_local char *stack;
	if (!stack) stack = aligned_alloc(16, CHILD_STACK);
	return stack;
}

static int do_errand(struct errand *errand, int *pidfd) {
	if (!pidfd) return run(errand), 0;
	char *stack = child_stack();
	if (!stack) return -1;
	errand->parent = getpid();
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t shares = 1;
	struct pm_child_start start = {
		.flags = CLONE_VFORK | CLONE_FILES,
		.cgroup = -1,
		.stack = stack,
		.stack_size = CHILD_STACK,
		.run = run_aside,
		.context = errand,
		.pidfd = pidfd,
		.shares = &shares};
	pid_t pid = pm_clone3(&start);
	if (pid < 0 && errno == ENOSYS) pid = pm_clone(&start);
	int error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0) return errno = error, -1;
	int status = 0;
	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {}
	if (status == 0) return 0;
	errno = ETIMEDOUT; // it was killed, or could not take the account
	return -1;
}

int pm_look(const char *path, uint32_t how, const struct pm_account *account, struct pm_sight *sight, int *pidfd) {
	return do_errand(&(struct errand){.path = path, .how = how, .account = account, .sight = sight}, pidfd);
}

int pm_read_at(const char *path, uint32_t how, struct pm_reading *reading, int *pidfd) {
	return do_errand(&(struct errand){.path = path, .how = how, .reading = reading}, pidfd);
}
