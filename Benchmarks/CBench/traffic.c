// Why C: the C library's tcp_info, which Swift sees, lacks the counters.
#include "CBench.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

// An IPv4 header, a TCP header, and its time stamps.
enum { BYTES_AROUND_SEGMENT = 20 + 20 + 12 };

double bench_traffic(int socket) {
	struct tcp_info info = {0};
	socklen_t size = sizeof info;
	if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) return -1;
	double segments = (double)info.tcpi_segs_in + info.tcpi_segs_out;
	return (double)info.tcpi_bytes_acked + (double)info.tcpi_bytes_received + segments * BYTES_AROUND_SEGMENT;
}
