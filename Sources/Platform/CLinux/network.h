#ifndef PM_NETWORK_H
#define PM_NETWORK_H

#include <stdint.h>

/// By a child that is alone in its network: a socket that listens on 127.0.0.1, or -1 with errno.
int pm_listen_inside(uint16_t port);

#endif
