#ifndef CLINUX_H
#define CLINUX_H

// Linux interfaces that Swift's Glibc module leaves out, and code that must be C (see the head of each .c file).
#include "keeper_message.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// The step that a child has reached, or has failed in.
enum pm_spawn_stage {
	PM_SPAWN_CLONE,
	PM_SPAWN_CGROUP,
	PM_SPAWN_NETWORK,
	PM_SPAWN_SETUP,
	PM_SPAWN_OPEN_FILES,
	PM_SPAWN_CORE,
	PM_SPAWN_DATA,
	PM_SPAWN_NICE,
	PM_SPAWN_GROUP,
	PM_SPAWN_USER,
	PM_SPAWN_DIRECTORY,
	PM_SPAWN_EXEC,
	PM_SPAWN_STOPPED, // stopped for PM_SPAWN_STOP_PATIENCE, then killed
	PM_SPAWN_LATE     // no exec within PM_SPAWN_PATIENCE, then killed
};

/// Time limits in seconds: until a stopped child must have executed its program, until any child must have, and until a
/// killed child must have ended.
enum { PM_SPAWN_STOP_PATIENCE = 3, PM_SPAWN_PATIENCE = 30, PM_SPAWN_KILL_PATIENCE = 1 };

/// An unset number of a plan: the child keeps its parent's value.
#define PM_UNSET UINT64_MAX
/// An unset id or mask of a plan.
#define PM_UNSET_ID UINT32_MAX

/// A descriptor of the parent, and the number under which the child finds it.
struct pm_placement {
	int descriptor, target;
};

enum { PM_EXTRA_DESCRIPTORS = 5 };

/// Identifies a file on this host; an inode of 0: no file.
struct pm_file_identity {
	uint64_t device, inode;
};

struct pm_spawn_plan {
	const char *executable;
	char *const *arguments;   // argv, ends with NULL
	char *const *environment; // ends with NULL
	const char *directory;
	struct pm_file_identity judged_program, judged_directory; // what the two must be, else ESTALE
	uint32_t program_is_settled; // not 0: only root can make the program's path lead elsewhere
	uint32_t no_new_privileges;  // not 0: the child and its descendants gain no rights by executing a program
	int standard_input, standard_output, standard_error;
	struct pm_placement extras[PM_EXTRA_DESCRIPTORS]; // targets from 3 on, ascending
	uint32_t extra_count;

	uint32_t parent_reaps; // not 0: the child becomes a child of our parent (CLONE_PARENT)
	int birth;             // socket on which the child sends PM_BORN, or -1
	int log_ends[2];       // read ends of the log pipes, sent with PM_BORN, or -1
	uint64_t launch;       // launch number, below 2^62 and unique on the host, or PM_UNSET
	int cgroup;            // directory of the cgroup that the child is cloned into, or -1

	uint64_t soft_open_files; // soft RLIMIT_NOFILE, where `open_files` is not set
	uint64_t open_files;      // RLIMIT_NOFILE, soft and hard, as the two below; or PM_UNSET
	uint64_t core, data;
	uint32_t has_nice;
	int nice;
	int oom_score_adj; // set when the program has been executed; errors are ignored
	uint32_t user, group; // or PM_UNSET_ID
	const gid_t *groups;  // supplementary groups, used if `group` is set
	uint32_t group_count;
	uint32_t umask; // or PM_UNSET_ID
	uint16_t inner_port; // not 0: the child has its own network namespace, with a listener on this port of 127.0.0.1
	int *listener;		 // receives that listener, which is the parent's
	uint32_t dies_with_parent; // not 0: the child is killed when the thread that started it ends
};

/// Starts a program in a session of its own, with an empty signal mask, default signal handlers and no descriptors but
/// 0, 1, 2 and the extras. Returns when exec has succeeded, has failed or is late: the pid, or -1 with errno. Only the
/// calling thread waits; other threads may start children at the same time.
///
/// `stage` is the step the child has reached, also during the call. `pidfd` is set as soon as there is a child, and
/// stays as it is without one. It is the caller's to close, also if the child has failed.
pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, volatile enum pm_spawn_stage *stage);

/// Reads the stage of a launch that another thread waits for.
enum pm_spawn_stage pm_stage(const volatile enum pm_spawn_stage *stage);

enum {
	PM_LOOK_ON_ROOT = 1, // EXDEV if any part of the path is on another file system than /: never blocks
	PM_LOOK_AT_LINK = 2, // look at a symbolic link itself if the path ends in one
	PM_LOOK_CLOSELY = 4, // also find out `may_execute` and `is_settled`
};

/// What was found at a path.
struct pm_sight {
	int error; // errno, or 0
	uint32_t mode;
	struct pm_file_identity identity;
	uint32_t may_execute; // not 0: a file that the account may execute
	uint32_t is_settled;  // not 0: a file, and only root can replace the one at `path`
	char path[4096];      // without symbolic links
};

/// The user and the groups for whose sake a child looks. Only its file system ids are changed: processes of the user
/// can't signal it (kill(2)).
struct pm_account {
	uint32_t user, group;
	const gid_t *groups; // supplementary groups
	uint32_t group_count;
};

/// The beginning of a file. If `identity` is set, the file must be that one, else the error is ESTALE.
struct pm_reading {
	struct pm_file_identity identity;
	int error; // errno, or 0; EINVAL when it is neither file nor directory
	size_t size, count;
	uint8_t *bytes;
};

/// Look at a path, and read a file. `account` is NULL for our own, or needs a child. If `pidfd` is not NULL, a child does it, which shares our memory but no
/// descriptors, and only the calling thread waits. `pidfd` is set as soon as there is a child, and is the caller's to
/// close. Returns 0, or -1 with errno: no child could be started, or it was killed (ETIMEDOUT).
int pm_look(const char *path, uint32_t how, const struct pm_account *account, struct pm_sight *sight, int *pidfd);
int pm_read_at(const char *path, uint32_t how, struct pm_reading *reading, int *pidfd);

/// Makes a pipe with close-on-exec ends and a nonblocking read end; 0 or -1.
int pm_pipe(int ends[2]);

/// Sets a pipe's capacity in bytes (F_SETPIPE_SZ of fcntl(2)); 0 or -1.
int pm_resize_pipe(int pipe, int size);

/// Moves at most `count` bytes from a pipe to `offset` of a file, without waiting for the pipe. Returns the count, or
/// -1.
ssize_t pm_splice(int pipe, int file, int64_t offset, size_t count);

/// The hard RLIMIT_LOCKS of launch 0. This limit marks a process and its descendants: it is inherited over fork and
/// exec, and has had no effect since Linux 2.4, so no program sets it.
#define PM_MARK_BASE (UINT64_C(1) << 62)

/// The launch number that a process is marked with. PM_UNSET if it has no mark, or with errno if we may not know.
uint64_t pm_marked_launch(pid_t pid);

/// The highest launch number that we can mark a process with. PM_UNSET if there is none, because our own limit is
/// lower.
uint64_t pm_highest_mark(void);

/// When a file was created, in nanoseconds since the epoch; 0 if the file system does not know.
int64_t pm_birth_time(int file);

/// Makes a file in memory (memfd_create(2)), close-on-exec. Returns its descriptor, or -1.
int pm_memory_file(const char *name);

/// The same, for a file that can be sealed.
int pm_sealable_memory_file(const char *name);

/// Seals a file for good: it can't be written or resized any more, and private mappings are copies. Returns 0 or -1.
int pm_seal(int file);

/// Exchanges the names of two files in one step (RENAME_EXCHANGE of rename(2)). Returns 0, or -1 also if one is
/// missing.
int pm_exchange(const char *one, const char *other);

/// Sends bytes and a descriptor on a stream socket. Returns how many bytes, or -1.
ssize_t pm_send_with_descriptor(int socket, const void *bytes, size_t count, int descriptor);

/// pidfd_open(2), pidfd_send_signal(2) without information and flags, and pidfd_getfd(2), which glibc has since 2.36. A
/// descriptor, 0 or -1.
int pm_pidfd_open(pid_t pid);
int pm_pidfd_send_signal(int pidfd, int signal);
int pm_pidfd_getfd(int pidfd, int descriptor);

/// The wait status of a process that need not be a child, by its pidfd (Linux 6.15). -1 if it has not been reaped, -2
/// if the kernel can't tell.
int pm_exit_status(int pidfd);

/// Loads a kernel module from an open file, unless it is loaded already. Returns 0 or -1.
int pm_load_module(int file);

/// Sets a network interface's IPv4 address, unless it is NULL, and turns the interface on. Returns 0 or -1.
int pm_raise_interface(const char *name, const char *address, const char *mask);

/// Sets the IPv4 default route. Returns 0 or -1.
int pm_route_by_default(const char *gateway);

/// Adds at most 64 bytes of entropy to the kernel's random numbers (`/dev/urandom`) and reseeds them. Returns 0 or -1.
int pm_add_entropy(int random, const uint8_t *bytes, uint32_t count);

/// The frequency of the processor's time stamp counter in kHz, exact to 0.01 percent; 0 if there is none. Takes 20 ms.
uint32_t pm_counter_khz(void);

/// Makes a connected pair of stream sockets, close-on-exec and nonblocking; 0 or -1.
int pm_connected_pair(int ends[2]);

/// Locks a whole file for its open file description (F_OFD_SETLK of fcntl(2)), without waiting; 0 or -1.
int pm_lock_description(int file);
int pm_unlock_description(int file);

#endif
