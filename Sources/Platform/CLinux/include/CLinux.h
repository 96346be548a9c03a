#ifndef CLINUX_H
#define CLINUX_H

// What Swift's Glibc module leaves out, and the one thing that must be C: spawn.
#include "keeper_message.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// How far a child got before it failed.
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
	PM_SPAWN_STOPPED, // for so long that it was killed
	PM_SPAWN_LATE     // the same, but it was not stopped
};

/// Seconds that a child has to execute its program when it is stopped, that it has in any case, and that it has to end once
/// it is killed.
enum { PM_SPAWN_STOP_PATIENCE = 3, PM_SPAWN_PATIENCE = 30, PM_SPAWN_KILL_PATIENCE = 1 };

/// A number of a plan that is not set: the child keeps what its parent has.
#define PM_UNSET UINT64_MAX
/// An id or a mask of a plan that is not set.
#define PM_UNSET_ID UINT32_MAX

/// A descriptor of the parent, and the number under which the child finds it.
struct pm_placement {
	int descriptor, target;
};

enum { PM_EXTRA_DESCRIPTORS = 5 };

/// A file, by its file system and its number there; an inode of 0 is no file.
struct pm_file_identity {
	uint64_t device, inode;
};

struct pm_spawn_plan {
	const char *executable;
	char *const *arguments;   // argv, ends with NULL
	char *const *environment; // ends with NULL
	const char *directory;
	struct pm_file_identity judged_program, judged_directory; // what the two must be; ESTALE when they are not
	uint32_t program_is_settled; // not 0: nobody but root can have the program's path lead elsewhere
	uint32_t no_new_privileges;  // not 0: neither the child nor what it starts gains rights by executing a program
	int standard_input, standard_output, standard_error;
	struct pm_placement extras[PM_EXTRA_DESCRIPTORS]; // targets from 3 on, ascending
	uint32_t extra_count;

	uint32_t parent_reaps; // not 0: the child becomes our parent's (CLONE_PARENT)
	int birth;             // socket that the child announces itself on, or -1
	int log_ends[2];       // descriptors that travel with the announcement, or -1
	uint64_t launch;       // below 2^62 and unlike that of any other process of the machine, or PM_UNSET
	int cgroup;            // directory of the cgroup it is born into, or -1

	uint64_t soft_open_files; // soft RLIMIT_NOFILE, where `open_files` is not set
	uint64_t open_files;      // RLIMIT_NOFILE, soft and hard, as the two below; or PM_UNSET
	uint64_t core, data;
	uint32_t has_nice;
	int nice;
	uint32_t user, group; // or PM_UNSET_ID
	const gid_t *groups;  // supplementary groups, of interest where `group` is set
	uint32_t group_count;
	uint32_t umask; // or PM_UNSET_ID
	uint16_t inner_port; // not 0: the child has a network of its own, where only this port of 127.0.0.1 is listened on
	int *listener;		 // gets the socket that listens there, which is the parent's
	uint32_t dies_with_parent; // not 0: it is killed when the thread that starts it ends
};

/// Starts a program in a session of its own, with a clean signal mask and default handlers and no descriptor but
/// 0, 1, 2 and the extras. Returns once exec has succeeded or failed, or was late: the pid, or -1 with errno. `stage` is
/// how far it has come, meanwhile too. `pidfd` is set as soon as there is a child, is the caller's also when the child has
/// failed, and
/// stays as it is without one. Only the calling thread waits; other threads may start children at the same time.
pid_t pm_spawn(const struct pm_spawn_plan *plan, int *pidfd, volatile enum pm_spawn_stage *stage);

/// How far a start has come, for other threads.
enum pm_spawn_stage pm_stage(const volatile enum pm_spawn_stage *stage);

enum {
	PM_LOOK_ON_ROOT = 1, // EXDEV for what is on another file system than / or is reached through one: this never blocks
	PM_LOOK_AT_LINK = 2, // at the symbolic link at the end of the path, not at where it leads
	PM_LOOK_CLOSELY = 4, // finds out the last two of what is seen, too
};

/// What stands at a path.
struct pm_sight {
	int error; // errno, or 0
	uint32_t mode;
	struct pm_file_identity identity;
	uint32_t may_execute; // a file that we may execute
	uint32_t is_settled;  // a file, and nobody but root can have another one stand at `path`
	char path[4096];      // without symbolic links
};

/// The beginning of a file, which must be the one with this identity (ESTALE), if it has one.
struct pm_reading {
	struct pm_file_identity identity;
	int error; // errno, or 0; EINVAL when it is neither file nor directory
	size_t size, count;
	uint8_t *bytes;
};

/// Look, and read. Where `pidfd` is not NULL, a child does it, which shares our memory but no descriptors, and only the
/// calling thread waits; `pidfd` is set as soon as there is a child, and is the caller's. 0, or -1 with errno when there
/// was no child, or it was killed (ETIMEDOUT).
int pm_look(const char *path, uint32_t how, struct pm_sight *sight, int *pidfd);
int pm_read_at(const char *path, uint32_t how, struct pm_reading *reading, int *pidfd);

/// A pipe whose ends are close-on-exec, and whose read end does not block; 0 or -1.
int pm_pipe(int ends[2]);

/// Has a pipe hold `size` bytes (F_SETPIPE_SZ of fcntl(2)); 0 or -1.
int pm_resize_pipe(int pipe, int size);

/// Moves at most `count` bytes from a pipe to `offset` of a file, never waiting for the pipe: how many, or -1.
ssize_t pm_splice(int pipe, int file, int64_t offset, size_t count);

/// The hard RLIMIT_LOCKS of launch 0. It marks a process and all it starts: a limit without effect since Linux 2.4, so
/// that no program sets it, and that is inherited over fork and exec.
#define PM_MARK_BASE (UINT64_C(1) << 62)

/// The launch that a process is marked with; PM_UNSET when it has no mark, or with errno when we may
/// not know.
uint64_t pm_marked_launch(pid_t pid);

/// The highest launch that we can mark a process with; PM_UNSET when there is none, because we have a lower limit
/// ourselves.
uint64_t pm_highest_mark(void);

/// When a file was made, in nanoseconds since the epoch; 0 where the file system does not know.
int64_t pm_birth_time(int file);

/// memfd_create(2), close-on-exec, which the C library hides from programs that don't ask for GNU's own.
int pm_memory_file(const char *name);

/// The same, and it can be sealed.
int pm_sealable_memory_file(const char *name);

/// Nobody can write to it or change its size from now on; who maps it privately has its own copy. 0 or -1.
int pm_seal(int file);

/// Has two files change names in one step (RENAME_EXCHANGE of rename(2)): 0, or -1 also when there is only one of them.
int pm_exchange(const char *one, const char *other);

/// Sends bytes on a stream socket, and a descriptor with them: how many bytes, or -1.
ssize_t pm_send_with_descriptor(int socket, const void *bytes, size_t count, int descriptor);

/// How a process ended that need not be a child, asked of its pidfd (Linux 6.15): its wait status, or -1 when it has not
/// been reaped, or -2 when the kernel can't tell.
int pm_exit_status(int pidfd);

/// Loads a module of the kernel from an open file; one that is there already is fine. 0 or -1.
int pm_load_module(int file);

/// Sets an interface's IPv4 address, unless it is NULL, and turns it on. 0 or -1.
int pm_raise_interface(const char *name, const char *address, const char *mask);

/// Sends all that is for elsewhere to an IPv4 address. 0 or -1.
int pm_route_by_default(const char *gateway);

/// Feeds the kernel's random numbers (`/dev/urandom`) with at most 64 bytes, and has them begin anew. 0 or -1.
int pm_add_entropy(int random, const uint8_t *bytes, uint32_t count);

/// How fast the processor's time stamp counter counts, in kHz, to a ten thousandth; 0 where there is none. Takes 20 ms.
uint32_t pm_counter_khz(void);

/// A connected pair of stream sockets that are close-on-exec and don't block; 0 or -1.
int pm_connected_pair(int ends[2]);

#endif
