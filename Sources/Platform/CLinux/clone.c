// Why C: the C library has no function for clone3(2), the only call that starts a child inside a cgroup. Why assembly:
// a child on a stack of its own can't return from the system call, so its function is called in its place.
//
// Measured: clone3 with a cgroup costs 20 µs more than clone(2). A child that joins the cgroup by itself costs 350 µs,
// a child with a copy of our 11 MB of memory 3 ms.
#define _GNU_SOURCE
#include "clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
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

static const unsigned sharing = CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID;

pid_t pm_clone3(const struct pm_child_start *start) {
	struct clone_args arguments = {
		.flags = start->flags | sharing | CLONE_CLEAR_SIGHAND | (start->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)start->pidfd,
		.child_tid = (uintptr_t)start->shares,
		.exit_signal = (unsigned)start->exit_signal,
		.stack = (uintptr_t)start->stack,
		.stack_size = start->stack_size,
		.cgroup = start->cgroup >= 0 ? (unsigned)start->cgroup : 0,
	};
	long result = clone3(&arguments, start->run, start->context);
	if (result >= 0) return (pid_t)result;
	// Kernels before Linux 5.7 have the call, but not all flags or this size of the structure. A system call filter may
	// answer EPERM.
	errno = result == -E2BIG || result == -EINVAL || result == -EPERM ? ENOSYS : (int)-result;
	return -1;
}

pid_t pm_clone(const struct pm_child_start *start) {
	return clone(
		start->run, start->stack + start->stack_size, (int)(start->flags | sharing) | start->exit_signal, start->context,
		start->pidfd, NULL, start->shares);
}
