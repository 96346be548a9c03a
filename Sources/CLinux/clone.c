// Why C: the C library has no clone3(2), which alone can have a child born into a cgroup, and a child on a stack of its
// own can't return from the system call: assembly calls its function.
//
// Measured: it costs 20 µs more than clone(2); a child that moves itself 350 µs, one with a copy of 11 MB of ours 3 ms.
#define _GNU_SOURCE
#include "clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static long clone3(struct clone_args *arguments, int (*run)(void *), void *context) {
#if defined(__x86_64__)
	long result;
	__asm__ volatile("syscall\n\t"
					 "test %%rax, %%rax\n\t"
					 "jnz 1f\n\t"
					 "mov %[context], %%rdi\n\t"
					 "call *%[run]\n\t"
					 "ud2\n"
					 "1:"
					 : "=a"(result)
					 : "a"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments), [run] "r"(run),
					   [context] "r"(context)
					 : "rcx", "r11", "cc", "memory");
	return result;
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_clone3;
	register struct clone_args *first __asm__("x0") = arguments;
	register size_t second __asm__("x1") = sizeof *arguments;
	__asm__ volatile("svc #0\n\t"
					 "cbnz x0, 1f\n\t"
					 "mov x0, %[context]\n\t"
					 "blr %[run]\n\t"
					 "brk #1\n"
					 "1:"
					 : "+r"(first)
					 : "r"(number), "r"(second), [run] "r"(run), [context] "r"(context)
					 : "cc", "memory");
	return (long)first;
#else
	(void)arguments, (void)run, (void)context;
	return -ENOSYS;
#endif
}

pid_t pm_clone_into(
	int cgroup, unsigned flags, char *stack, size_t stack_size, int (*run)(void *), void *context, int *pidfd) {
	struct clone_args arguments = {
		.flags = flags | CLONE_INTO_CGROUP,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD, // a sibling of ours has our own
		.stack = (uintptr_t)stack,
		.stack_size = stack_size,
		.cgroup = (unsigned)cgroup,
	};
	long result = clone3(&arguments, run, context);
	if (result >= 0) return (pid_t)result;
	// A kernel from before Linux 5.7 knows the call, but neither the flag nor the size of the structure.
	errno = result == -E2BIG ? ENOSYS : (int)-result;
	return -1;
}
