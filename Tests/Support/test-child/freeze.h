#ifndef FREEZE_H
#define FREEZE_H

#include <sys/types.h>

/// Waits until `parent` has started a process, and sends that SIGSTOP as soon as it has returned from a system call
/// ("birth": before any). Prints "ready" before and "stopped PID" after. What was stopped stays so.
void freeze_newborn(pid_t parent, const char *call);

#endif
