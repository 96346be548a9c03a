#ifndef FAMILY_H
#define FAMILY_H

#include "options.h"

/// Makes all the processes asked for; they are there, and noted in the pid file, when it returns.
void make_family(const struct options *options);

#endif
