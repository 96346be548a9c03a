#ifndef FREEZE_H
#define FREEZE_H

#include <sys/types.h>

/// Waits until `parent` has started a process, and sends SIGSTOP to that process as soon as it has returned from the
/// system call `call` (`birth`: before its first instruction). Prints "ready" first and "stopped PID" afterwards. The
/// process stays stopped.
void freeze_newborn(pid_t parent, const char *call);

#endif
