#ifndef CHECK_H
#define CHECK_H

#include "CLinux.h"

/// Prints a line and counts it.
void check(int is_right, const char *what);

/// A plan with all optional values unset.
struct pm_spawn_plan plan(char *const arguments[]);

/// The role of a worker, executed by a real pm-keeper. Returns its exit code.
int work(void);

#endif
