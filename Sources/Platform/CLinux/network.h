#ifndef PM_NETWORK_H
#define PM_NETWORK_H

#include <stdint.h>

/// Called by a child in a network namespace of its own: returns a socket that listens on `port` of 127.0.0.1, or -1
/// with errno.
int pm_listen_inside(uint16_t port);

#endif
