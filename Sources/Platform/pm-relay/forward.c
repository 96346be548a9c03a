// Forwarding without a WebSocket.
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int buffer_write(struct buffer *buffer, int descriptor) {
	while (buffer->start < buffer->end) {
		ssize_t size = write(descriptor, buffer->bytes + buffer->start, buffer->end - buffer->start);
		if (size < 0) return errno == EAGAIN ? 0 : -1;
		buffer->start += (size_t)size;
	}
	buffer->start = buffer->end = 0;
	return 0;
}

void buffer_flush(struct buffer *buffer, int descriptor) {
	struct pollfd reader = {.fd = descriptor, .events = POLLOUT};
	while (buffer->end > 0 && poll(&reader, 1, 1000) > 0 && buffer_write(buffer, descriptor) == 0) {
	}
}

// Sends what a buffer holds; 0, or -1.
static int send_all(struct link *link, struct buffer *buffer) {
	while (buffer->start < buffer->end) {
		ssize_t size = link_send(link, buffer->bytes + buffer->start, buffer->end - buffer->start);
		if (size < 0) return errno == EAGAIN ? 0 : -1;
		buffer->start += (size_t)size;
	}
	buffer->start = buffer->end = 0;
	return 0;
}

int forward_bytes(struct link *link, int client) {
	static struct buffer out, in;
	for (;;) {
		// TLS may hold bytes that poll does not show, so it is read until it has none.
		while (in.end == 0) {
			ssize_t size = link_receive(link, in.bytes, sizeof in.bytes);
			if (size == 0) return 0; // the buffer is empty here
			if (size < 0 && errno != EAGAIN) return -1;
			if (size < 0) break;
			in.end = (size_t)size;
			if (buffer_write(&in, client) < 0) return 0;
		}
		struct pollfd ends[2] = {
			{.fd = client, .events = (short)((out.end == 0 ? POLLIN : 0) | (in.end > 0 ? POLLOUT : 0))},
			{.fd = link->socket, .events = (short)((in.end == 0 ? POLLIN : 0) | (out.end > 0 ? POLLOUT : 0))}};
		if (poll(ends, 2, -1) < 0) return -1;
		// Without POLLIN nothing would read the end of a client that has gone while the link is blocked.
		if (out.end > 0 && ends[0].revents & (POLLHUP | POLLERR)) return 0;
		if (out.end == 0 && ends[0].revents) {
			ssize_t size = read(client, out.bytes, sizeof out.bytes);
			if (size == 0 || (size < 0 && errno != EAGAIN)) return 0;
			if (size > 0) out.end = (size_t)size;
		}
		if (send_all(link, &out) < 0) return -1;
		if (buffer_write(&in, client) < 0) return 0;
	}
}
