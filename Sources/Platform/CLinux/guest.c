// Why C: finit_module(2) has no function in the C library, and struct ifreq is made of unions and macros.
#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int pm_load_module(int file) {
	long result = syscall(SYS_finit_module, file, "", 0);
	return result < 0 && errno != EEXIST ? -1 : 0;
}

static struct sockaddr internet_address(const char *text) {
	struct sockaddr_in address = {.sin_family = AF_INET};
	(void)inet_pton(AF_INET, text, &address.sin_addr);
	struct sockaddr result;
	memcpy(&result, &address, sizeof result);
	return result;
}

int pm_raise_interface(const char *name, const char *address, const char *mask) {
	int socket_number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_number < 0) return -1;
	struct ifreq request = {0};
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	int result = 0;
	if (address) {
		request.ifr_addr = internet_address(address);
		result = ioctl(socket_number, SIOCSIFADDR, &request);
		request.ifr_addr = internet_address(mask);
		if (result == 0) result = ioctl(socket_number, SIOCSIFNETMASK, &request);
	}
	if (result == 0) result = ioctl(socket_number, SIOCGIFFLAGS, &request);
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (result == 0) result = ioctl(socket_number, SIOCSIFFLAGS, &request);
	int error = errno;
	close(socket_number);
	errno = error;
	return result;
}

int pm_route_by_default(const char *gateway) {
	int socket_number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_number < 0) return -1;
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
	route.rt_dst = internet_address("0.0.0.0");
	route.rt_genmask = internet_address("0.0.0.0");
	route.rt_gateway = internet_address(gateway);
	int result = ioctl(socket_number, SIOCADDRT, &route);
	int error = errno;
	close(socket_number);
	errno = error;
	return result < 0 && error != EEXIST ? -1 : 0;
}

int pm_add_entropy(int random, const uint8_t *bytes, uint32_t count) {
	struct {
		int bits, size;
		uint8_t bytes[64];
	} pool = {.bits = (int)count * 8, .size = (int)count};
	if (count > sizeof pool.bytes) return -1;
	memcpy(pool.bytes, bytes, count);
	if (ioctl(random, RNDADDENTROPY, &pool) < 0) return -1;
	// Reseeds at once: another clone of the template would draw the same numbers from the old state.
	return ioctl(random, RNDRESEEDCRNG);
}

int pm_connected_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends); }
