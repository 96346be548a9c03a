#ifndef FAMILY_H
#define FAMILY_H

#include "options.h"

/// Starts all processes that the options ask for. When it returns, they run and their pids are in the pid file.
void make_family(const struct options *options);

#endif
