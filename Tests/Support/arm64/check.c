// The first program of a VM of another processor architecture. It calls the C code of CLinux, and plays the worker of a
// real pm-keeper if there is one. It prints a line for each check, then the totals, and ends the VM. scripts/arm64.sh
// builds and runs it.
#define _GNU_SOURCE
#include "CLinux.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

// Shared with the workers.
static struct totals {
	int checks, failures;
} *totals;

void check(int is_right, const char *what) {
	__atomic_add_fetch(&totals->checks, 1, __ATOMIC_RELAXED);
	if (!is_right) __atomic_add_fetch(&totals->failures, 1, __ATOMIC_RELAXED);
	printf("%s %s\n", is_right ? "ok  " : "FAIL", what);
}

struct pm_spawn_plan plan(char *const arguments[]) {
	static char *environment[] = {"A=b", NULL};
	static int null = -1;
	if (null < 0) null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return (struct pm_spawn_plan){
		.executable = arguments[0], .arguments = arguments, .environment = environment, .directory = "/",
		.standard_input = null, .standard_output = null, .standard_error = 2, .birth = -1, .log_ends = {-1, -1},
		.launch = PM_UNSET, .cgroup = -1, .soft_open_files = 1024, .open_files = PM_UNSET, .core = PM_UNSET,
		.data = PM_UNSET, .oom_score_adj = 500, .user = PM_UNSET_ID, .group = PM_UNSET_ID, .umask = PM_UNSET_ID};
}

// What the child of check_spawn tells of itself.
static int tell(void) {
	char cgroup[128] = "", group[8] = "";
	int file = open("/proc/self/cgroup", O_RDONLY);
	ssize_t count = read(file, cgroup, sizeof cgroup - 1);
	close(file);
	cgroup[count > 0 ? count - 1 : 0] = 0;
	gid_t groups[4];
	if (getgroups(4, groups) == 1) snprintf(group, sizeof group, "%d", (int)groups[0]);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	sigset_t mask;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	printf("%s|%d|%d|%s|%o|%d|%d|%d|%d|%s", cgroup, (int)getuid(), (int)getgid(), group, (int)umask(0),
		getpriority(PRIO_PROCESS, 0), (int)files.rlim_cur, getsid(0) == getpid(), sigismember(&mask, SIGTERM),
		getenv("A") ? getenv("A") : "");
	printf("|%d|%d\n", fcntl(7, F_GETFD) >= 0, fcntl(8, F_GETFD) >= 0);
	return 42;
}

static int wait_for(pid_t pid) {
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
	return status;
}

static void check_spawn(int directory) {
	int ends[2], pidfd = -1;
	enum pm_spawn_stage stage = PM_SPAWN_CLONE;
	check(pm_pipe(ends) == 0, "a pipe");
	struct pm_spawn_plan child = plan((char *[]){"/init", "tell", NULL});
	gid_t groups[] = {7};
	child.standard_output = ends[1];
	child.cgroup = directory;
	child.launch = 123456789;
	child.user = 1000, child.group = 1001, child.groups = groups, child.group_count = 1;
	child.umask = 027, child.has_nice = 1, child.nice = 5, child.open_files = 77;
	child.extras[0] = (struct pm_placement){ends[1], 7}, child.extra_count = 1;
	pid_t pid = pm_spawn(&child, &pidfd, &stage);
	check(pid > 0 && pidfd >= 0 && stage == PM_SPAWN_EXEC, "pm_spawn");
	close(ends[1]);
	check(pm_marked_launch(pid) == 123456789, "the mark of a launch");
	char path[64], score[16] = "";
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
	int file = open(path, O_RDONLY);
	check(file >= 0 && read(file, score, sizeof score) > 0 && atoi(score) == 500, "oom_score_adj");
	close(file);
	check(WEXITSTATUS(wait_for(pid)) == 42, "its exit code");
	char text[256] = "";
	(void)!read(ends[0], text, sizeof text - 1);
	close(ends[0]);
	printf("     %s", text);
	check(strcmp(text, "0::/t|1000|1001|7|27|5|77|1|0|b|1|0\n") == 0,
		"CLONE_INTO_CGROUP, user, groups, umask, nice, limits, session, mask, environment and descriptors");
	check(pm_exit_status(pidfd) < 0, "pm_exit_status of an old kernel");
	close(pidfd);

	pidfd = -1;
	child = plan((char *[]){"/no/such", NULL});
	errno = 0;
	check(pm_spawn(&child, &pidfd, &stage) < 0 && errno == ENOENT && stage == PM_SPAWN_EXEC, "a program that is missing");
	close(pidfd);
	child = plan((char *[]){"/init", NULL});
	child.directory = "/no/such";
	check(pm_spawn(&child, &pidfd, &stage) < 0 && errno == ENOENT && stage == PM_SPAWN_DIRECTORY, "a directory that is missing");
	close(pidfd);
	child = plan((char *[]){"/init", "sleep", NULL});
	child.inner_port = 1883;
	int listener = -1;
	child.listener = &listener;
	pid = pm_spawn(&child, &pidfd, &stage);
	check(pid > 0 && listener >= 0, "a network of its own");
	check(syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0) == 0 && WTERMSIG(wait_for(pid)) == SIGUSR1,
		"a signal by pidfd");
	close(pidfd), close(listener);
}

static void check_controllers(int directory) {
	int file = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY);
	check(write(file, "+pids +memory", 13) == 13, "cgroup controllers");
	close(file);
	file = openat(directory, "pids.max", O_WRONLY);
	check(file >= 0 && write(file, "0", 1) == 1, "a limit of a cgroup");
	close(file);
	int pidfd = -1;
	enum pm_spawn_stage stage;
	struct pm_spawn_plan child = plan((char *[]){"/init", "tell", NULL});
	child.cgroup = directory;
	check(pm_spawn(&child, &pidfd, &stage) < 0 && errno == EAGAIN, "the limit holds");
	file = openat(directory, "pids.max", O_WRONLY);
	(void)!write(file, "max", 3);
	close(file);
	pid_t pid = pm_spawn(&child, &pidfd, &stage);
	check(pid > 0 && WEXITSTATUS(wait_for(pid)) == 42, "and ends");
	close(pidfd);
	check(fsetxattr(directory, "user.pmqtt.limits", "x", 1, 0) == 0, "an attribute of a cgroup");
}

static void check_files(void) {
	int pidfd = -1;
	struct pm_sight sight;
	check(pm_look("/init", PM_LOOK_CLOSELY, NULL, &sight, NULL) == 0 && sight.error == 0 && S_ISREG(sight.mode) &&
		sight.may_execute && strcmp(sight.path, "/init") == 0, "pm_look");
	struct stat info;
	stat("/init", &info);
	check(info.st_ino == sight.identity.inode && info.st_dev == sight.identity.device, "the identity of a file");
	struct pm_account account = {.user = 1000, .group = 1000};
	check(pm_look("/init", PM_LOOK_CLOSELY, &account, &sight, &pidfd) == 0 && sight.may_execute, "pm_look in a child");
	close(pidfd);
	pidfd = -1;
	check(pm_look("/dev/null", PM_LOOK_ON_ROOT, NULL, &sight, NULL) == 0 && sight.error == EXDEV, "another file system");
	uint8_t bytes[4];
	struct pm_reading reading = {.size = 4, .bytes = bytes};
	check(pm_read_at("/init", 0, &reading, &pidfd) == 0 && reading.count == 4 && memcmp(bytes, "\177ELF", 4) == 0, "pm_read_at");
	close(pidfd);
	int file = pm_sealable_memory_file("m"), pipe[2];
	check(file >= 0 && write(file, "x", 1) == 1 && pm_seal(file) == 0 && write(file, "x", 1) < 0, "a sealed file");
	close(file);
	file = open("/run/f", O_RDWR | O_CREAT, 0600);
	check(pm_pipe(pipe) == 0 && write(pipe[1], "hello", 5) == 5 && pm_splice(pipe[0], file, 3, 100) == 5, "splice");
	check(fstat(file, &info) == 0 && info.st_size == 8, "its offset");
	check(pm_lock_description(file) == 0 && pm_unlock_description(file) == 0, "locks of a file description");
	close(open("/run/g", O_WRONLY | O_CREAT, 0600));
	check(pm_exchange("/run/f", "/run/g") == 0, "an exchange of names");
	close(file), close(pipe[0]), close(pipe[1]);
}

static void check_messages(void) {
	check(sizeof(struct pm_keeper_message) == 24 && offsetof(struct pm_keeper_message, version) == 20, "the layout of messages");
	int pair[2], ends[2], first = -1, second = -1;
	check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0 && pipe(ends) == 0, "a socket pair");
	struct pm_keeper_message message = {.kind = PM_BORN, .pid = -5, .launch = UINT64_MAX - 1, .status = -7}, got;
	check(pm_keeper_send(pair[0], &message, ends[0], ends[1]) == 0, "a message with descriptors");
	check(pm_keeper_receive(pair[1], &got, &first, &second, 0) == 1 && got.pid == -5 && got.launch == UINT64_MAX - 1 &&
		got.status == -7 && got.version == PM_KEEPER_OLDEST, "its content");
	check(first >= 0 && second >= 0 && write(second, "y", 1) == 1 && read(first, &got, 1) == 1, "its descriptors");
	check(pm_keeper_understands(&message) && !pm_keeper_understands(&(struct pm_keeper_message){.version = 99}), "versions");
	close(pair[0]);
	check(pm_keeper_receive(pair[1], &got, &first, &second, 0) == 0, "the end of a socket");
	close(pair[1]);
}

static void run_keeper(void) {
	if (access("/pm-keeper", X_OK) != 0) return (void)printf("no pm-keeper\n");
	pid_t keeper = fork();
	if (keeper == 0) {
		execl("/pm-keeper", "/pm-keeper", "/init", "worker", NULL);
		_exit(1);
	}
	int status = wait_for(keeper);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the keeper ends with its worker");
}

static void begin(void) {
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("run", "/run", "tmpfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	for (int number = 0; number < 3; number++) dup2(console, number);
	if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0) perror("cgroup2");
	mkdir("/sys/fs/cgroup/t", 0755);
}

static void share_totals(void) {
	int file = open("/run/totals", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	(void)!ftruncate(file, sizeof *totals);
	totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
}

int main(int count, char *arguments[]) {
	setvbuf(stdout, NULL, _IOLBF, 0);
	const char *role = count > 1 ? arguments[1] : getpid() == 1 ? "init" : arguments[0];
	if (strcmp(role, "tell") == 0) return tell();
	if (strcmp(role, "sleep") == 0) return pause();
	if (strcmp(role, "init") == 0) begin();
	share_totals();
	if (strcmp(role, "worker") == 0) return work();
	if (strcmp(role, "init") != 0) return 1;
	struct utsname system;
	uname(&system);
	printf("%s, pages of %ld bytes, char is %s\n", system.machine, sysconf(_SC_PAGESIZE), (char)-1 < 0 ? "signed" : "unsigned");
	int directory = open("/sys/fs/cgroup/t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check_spawn(directory);
	check_controllers(directory);
	check_files();
	check_messages();
	run_keeper();
	printf("arm64: %d checks, %d failed\n", totals->checks, totals->failures);
	fflush(stdout);
	sync();
	(void)reboot(RB_POWER_OFF);
	for (;;) pause();
}
