#define _GNU_SOURCE
#include "CKeeper.h"
#include "CLinux.h"
#include "keeper_message.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

// In the environment, because the arguments of a keeper are those of its agent. It is removed at once, so no other
// program gets it.
static const char table_variable[] = "PM_KEEPER_TABLE";
static const char mark[8] = "pmtable";
enum { TRIAL_PATIENCE = 5000 };

static int write_all(int file, const void *bytes, size_t count) {
	for (const char *next = bytes; count > 0;) {
		ssize_t written = write(file, next, count);
		if (written < 0 && errno == EINTR) continue;
		if (written <= 0) return -1;
		next += written;
		count -= (size_t)written;
	}
	return 0;
}

int pm_table_create(struct pm_table_head head) {
	int table = memfd_create("pm-keeper-table", MFD_CLOEXEC);
	if (table < 0) return -1;
	memcpy(head.mark, mark, sizeof mark);
	head.version = pm_table_version();
	head.head_size = sizeof head;
	head.entry_size = sizeof(struct pm_table_entry);
	head.keeper = getpid();
	if (write_all(table, &head, sizeof head) == 0) return table;
	close(table);
	return -1;
}

int pm_table_add(int table, const struct pm_table_entry *entry) { return write_all(table, entry, sizeof *entry); }

// Reads a structure of which the file has `size` bytes, and this program knows `known`.
static int read_known(int table, uint64_t offset, uint32_t size, void *structure, size_t known) {
	memset(structure, 0, known);
	size_t count = size < known ? size : known;
	return pread(table, structure, count, (off_t)offset) == (ssize_t)count;
}

int pm_table_read(int table, struct pm_table_head *head) {
	// The fields up to the sizes are the same in every version.
	size_t sizes = offsetof(struct pm_table_head, keeper);
	if (!read_known(table, 0, (uint32_t)sizes, head, sizeof *head)) return 0;
	uint32_t own = pm_table_version();
	if (memcmp(head->mark, mark, sizeof mark) != 0 || head->version + 1 < own || head->version > own + 1) return 0;
	if (head->head_size < sizes || head->entry_size == 0) return 0;
	return read_known(table, 0, head->head_size, head, sizeof *head);
}

int pm_table_read_entry(int table, const struct pm_table_head *head, uint32_t index, struct pm_table_entry *entry) {
	uint64_t offset = head->head_size + (uint64_t)index * head->entry_size;
	return read_known(table, offset, head->entry_size, entry, sizeof *entry);
}

int pm_table_inherited(void) {
	const char *text = getenv(table_variable);
	if (!text) return -1;
	int table = atoi(text);
	unsetenv(table_variable);
	if (table < 3 || fcntl(table, F_SETFD, FD_CLOEXEC) < 0) return -1;
	// The name would be the number of a descriptor (execveat(2) before Linux 6.14).
	(void)prctl(PR_SET_NAME, "pm-keeper", 0L, 0L, 0L);
	return table;
}

int pm_keeper_open_program(const char *path, int *program) {
	*program = open(path, O_PATH | O_CLOEXEC);
	return *program < 0 ? errno : 0;
}

static void name_table(int table) {
	char text[12];
	snprintf(text, sizeof text, "%d", table);
	setenv(table_variable, text, 1);
}

static int execute(int program, char *const arguments[]) {
	syscall(SYS_execveat, program, "", arguments, environ, AT_EMPTY_PATH);
	return errno;
}

// Returns the child's wait status, or -1 if it had to be killed.
static int await(pid_t child) {
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
	int is_late = end.fd < 0 || poll(&end, 1, TRIAL_PATIENCE) <= 0, status = 0;
	if (end.fd >= 0) close(end.fd);
	if (is_late) kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
	return is_late ? -1 : status;
}

int pm_keeper_try(int program, int table) {
	// Shared with the child, for the errno of its exec.
	int *error = mmap(NULL, sizeof *error, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (error == MAP_FAILED) return errno;
	pid_t keeper = getpid(), child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
		if (getppid() != keeper) _exit(111);
		// With nothing but the table: it must not keep a pipe open that the keeper closes.
		int copy = fcntl(table, F_DUPFD, 16), code = fcntl(program, F_DUPFD_CLOEXEC, 16);
		if (dup2(copy, 3) < 0 || dup3(code, 4, O_CLOEXEC) < 0) _exit(111);
		(void)close_range(5, ~0U, 0);
		name_table(3);
		*error = execute(4, (char *[]){"pm-keeper", "--try", NULL});
		_exit(111);
	}
	int result = errno;
	if (child > 0) {
		int status = await(child);
		if (*error != 0) result = *error;
		else if (status == -1) result = ETIMEDOUT;
		else if (WIFSIGNALED(status)) result = PM_TRY_KILLED + WTERMSIG(status);
		else result = WEXITSTATUS(status) == 0 ? 0 : PM_TRY_EXITED + WEXITSTATUS(status);
	}
	munmap(error, sizeof *error);
	return result;
}

int pm_keeper_become(int program, char *const arguments[], int table) {
	pm_keeper_pass(table, 1);
	name_table(table);
	int error = execute(program, arguments);
	unsetenv(table_variable);
	pm_keeper_pass(table, 0);
	return error;
}

void pm_keeper_pass(int descriptor, int is_passed) {
	if (descriptor >= 0) (void)fcntl(descriptor, F_SETFD, is_passed ? 0 : FD_CLOEXEC);
}
