// Why C: it runs in the newborn, see spawn.c.
#define _GNU_SOURCE
#include "network.h"

#include "CLinux.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int pm_listen_inside(uint16_t port) {
	if (pm_raise_interface("lo", NULL, NULL) < 0) return -1;
	int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (number < 0) return -1;
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	if (bind(number, (struct sockaddr *)&address, sizeof address) < 0 || listen(number, 64) < 0) {
		close(number);
		return -1;
	}
	return number;
}
