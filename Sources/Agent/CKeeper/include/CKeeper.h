#ifndef CKEEPER_H
#define CKEEPER_H

// The C part of the keeper. Why C: Embedded Swift has no Glibc module, and between fork and exec no Swift may run.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// Makes this process a child subreaper, blocks the signals that it handles and raises the soft RLIMIT_NOFILE to the
/// hard one. Stores the previous limit in `*open_files`. Signals that were pending before an exec are pending on. Returns
/// a nonblocking signalfd, or -1 with errno.
int pm_keeper_prepare(struct rlimit *open_files);

/// Returns the next pending signal, or 0 if there is none.
int pm_keeper_next_signal(int signals);

/// Creates a connected SOCK_SEQPACKET pair. Only the keeper's end is nonblocking. Returns 0, or -1 with errno.
int pm_keeper_pair(int *keeper, int *worker);

/// Starts the worker with `socket` as PM_WORKER_SOCKET and, unless it is -1, `state` as PM_WORKER_STATE. The worker has
/// a process group of its own, so that ^C in a terminal reaches it once, through the keeper. It is killed when the
/// keeper ends. Returns its pid, or -1 with errno.
pid_t pm_keeper_start(
	const char *path, char *const arguments[], int socket, int state, struct rlimit open_files);

/// What a keeper tells its successor, the program that it executes in its own place: a file in memory with this head and
/// a pm_table_entry for each held launch. Descriptors stay open across the exec, under their numbers.
///
/// A program reads tables of the versions one before and one after its own. A later version only adds fields at the ends
/// of head and entry, whose sizes are in the head: a reader skips what it does not know, and finds 0 in what is missing.
struct pm_table_head {
	char mark[8];
	uint32_t version, head_size, entry_size, entries;
	int32_t keeper;              // pid
	int32_t state;               // as PM_STATE, or -1
	int32_t holder, holder_socket; // pid of the pipe holder and the socket to it, or -1
	int32_t ending_signal;       // or 0
	uint32_t flags;              // PM_TABLE_…
	uint64_t open_files;         // soft RLIMIT_NOFILE that workers get
	uint64_t hand_overs;         // how many there were, this one included
};
enum {
	PM_TABLE_HANGUP = 1,  // SIGHUP has arrived, and no worker has got it
	PM_TABLE_REFUSED = 2, // the latest worker could not talk to the keeper
};
struct pm_table_entry {
	uint64_t launch;
	int32_t pid, output, error, status;
	uint32_t flags; // PM_ENTRY_…
	uint32_t unused;
};
enum {
	PM_ENTRY_CHILD = 1, // the keeper is its parent
	PM_ENTRY_ENDED = 2, // `status` is that of wait(2)
};

/// Begins a table. The head needs neither mark nor version nor sizes. Returns its descriptor, or -1 with errno.
int pm_table_create(struct pm_table_head head);
/// Returns 0, or -1 with errno.
int pm_table_add(int table, const struct pm_table_entry *entry);

/// Reads the head of a table, or an entry. 0 if it is not there or can't be understood, else 1.
int pm_table_read(int table, struct pm_table_head *head);
int pm_table_read_entry(int table, const struct pm_table_head *head, uint32_t index, struct pm_table_entry *entry);

/// The table that this program was executed with by its predecessor, or -1. Can be called once.
int pm_table_inherited(void);

/// Opens the keeper's program on the disk, and stores its descriptor. Returns 0 or errno.
int pm_keeper_open_program(const char *path, int *program);

/// Has a child execute the program, to find out whether it understands the table: `pm-keeper --try`. Blocks until the
/// child has ended, for at most 5 s, after which it is killed and the result is ETIMEDOUT. Returns 0, errno,
/// PM_TRY_EXITED plus the exit code, or PM_TRY_KILLED plus the signal.
int pm_keeper_try(int program, int table);

/// Executes the program in place of this one. Returns errno if that fails.
int pm_keeper_become(int program, char *const arguments[], int table);

/// Sets or clears close-on-exec, unless the descriptor is -1.
void pm_keeper_pass(int descriptor, int is_passed);

/// argv[0] and process name of the pipe holder. It differs from the keeper's, so that killing keepers by name spares
/// it.
#define PM_HOLDER_NAME "pm-pipes"

/// Starts the pipe holder with one end of a socket pair as PM_HOLDER_SOCKET. Stores the other end in `*socket`; a send
/// on it blocks for at most one second. Returns its pid, or -1.
pid_t pm_keeper_start_holder(int *socket);

#define PM_HOLDER_SOCKET 3

/// Returns whether argv[0] says that this process is the pipe holder. If so, sets its process name and blocks all
/// signals.
int pm_is_holder(const char *name);

/// Accepts a connection of the next agent's worker, with send and receive timeouts of 10 s. Returns -1 if there is
/// none.
int pm_holder_accept(int listener);

/// Mounts /proc, which a guest's init needs before it can start the worker. Returns 0, or -1 with errno.
int pm_keeper_begin_guest(void);

/// The path and argv of the worker in a guest.
extern const char *const pm_keeper_guest_path;
char **pm_keeper_guest_arguments(void);

/// Ends the VM, by a reboot: QEMU runs with -no-reboot and exits then.
void pm_keeper_end_guest(void);

/// Milliseconds of CLOCK_MONOTONIC.
int64_t pm_keeper_milliseconds(void);

/// Writes one line to stderr, as a warning of the agent's log; the text ends with a newline.
void pm_keeper_note(const uint8_t *text, long count);

static inline int pm_errno(void) { return errno; }

#endif
