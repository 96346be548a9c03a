// A bad link between two network namespaces: forwards packets between a TUN device in each, and loses, delays or stops
// them as a file says.
//
//   test-link FILE PID ADDRESS PID ADDRESS
//
// PID: a process in the namespace; ADDRESS: that of its end, as `ip address add` takes it. FILE holds three numbers:
// the percentage of packets to lose, milliseconds of delay each way, and the size in bytes above which packets are lost.
// It may be replaced at any time.
//
// Why not netem: not every kernel has it. Why C: ioctl and setns.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE = 4096, PACKET = 2048 };

struct packet {
	double due;
	int size;
	char bytes[PACKET];
};

// Packets on their way to one end, in order.
struct queue {
	struct packet *packets;
	int first, count;
};

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int open_end(const char *pid, const char *address) {
	char path[64], command[256];
	snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
	int space = open(path, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWNET) < 0) fail(path);
	close(space);
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	strcpy(request.ifr_name, "link0");
	if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0) fail("/dev/net/tun");
	snprintf(command, sizeof command, "ip address add %s dev link0 && ip link set link0 up", address);
	if (system(command) != 0) fail(command);
	return device;
}

static struct { int loss, delay, size; } rules = {0, 0, PACKET};

static void read_rules(const char *path) {
	FILE *file = fopen(path, "re");
	int loss, delay, size;
	if (!file) return;
	if (fscanf(file, "%d %d %d", &loss, &delay, &size) == 3) rules.loss = loss, rules.delay = delay, rules.size = size;
	fclose(file);
}

static void take(int device, struct queue *queue) {
	struct packet packet;
	while ((packet.size = (int)read(device, packet.bytes, sizeof packet.bytes)) > 0) {
		unsigned char chance = 0;
		if (getrandom(&chance, 1, 0) != 1 || chance % 100 < rules.loss) continue;
		if (packet.size > rules.size || queue->count == QUEUE) continue;
		packet.due = now() + rules.delay / 1e3;
		queue->packets[(queue->first + queue->count++) % QUEUE] = packet;
	}
}

static void pass(int device, struct queue *queue) {
	while (queue->count > 0 && queue->packets[queue->first].due <= now()) {
		struct packet *packet = &queue->packets[queue->first];
		// An end that is down loses it.
		if (write(device, packet->bytes, (size_t)packet->size) < 0 && errno == EAGAIN) return;
		queue->first = (queue->first + 1) % QUEUE;
		queue->count--;
	}
}

int main(int count, char **words) {
	if (count != 6) return fputs("usage: test-link FILE PID ADDRESS PID ADDRESS\n", stderr), 100;
	int ends[2] = {open_end(words[2], words[3]), open_end(words[4], words[5])};
	struct queue queues[2] = {{malloc(QUEUE * sizeof(struct packet)), 0, 0}, {malloc(QUEUE * sizeof(struct packet)), 0, 0}};
	if (!queues[0].packets || !queues[1].packets) fail("malloc");
	puts("up");
	fflush(stdout);
	for (;;) {
		struct pollfd ready[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[1], .events = POLLIN}};
		poll(ready, 2, queues[0].count + queues[1].count > 0 ? 1 : 10);
		read_rules(words[1]);
		for (int end = 0; end < 2; end++) {
			take(ends[end], &queues[end]);
			pass(ends[1 - end], &queues[end]);
		}
	}
}
