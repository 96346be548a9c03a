#ifndef RELAY_H
#define RELAY_H

#include <stddef.h>
#include <sys/types.h>

/// Where to connect to, and how.
struct relay_plan {
	const char *url; // ws://, wss://, mqtt:// or mqtts://, with a port
	const char *authority, *certificate, *key; // PEM files; NULL: the system's, none
	const char *server_name; // in the broker's certificate, if it is not the host
	const char *proxy, *proxy_user, *proxy_password_file, *no_proxy;
};

/// The connection to the broker: plain, or with TLS.
struct link {
	void *curl;
	int socket;
	const char *path; // of a WebSocket; NULL: without
	double deadline; // of connecting, in seconds of the monotonic clock
	char host[512]; // with the port, for the Host header
	char error[512];
};

/// Bytes on their way.
struct buffer {
	size_t start, end;
	char bytes[64 * 1024];
};

/// Keeps a reason; returns -1.
int link_failed(struct link *link, const char *reason);
/// Milliseconds until the deadline; 0 after it.
int link_patience(const struct link *link);
/// Connects, through a proxy if the plan has one; 0, or -1 with an error.
int link_open(struct link *link, const struct relay_plan *plan);
/// Bytes; 0 at the end of the connection; -1 with EAGAIN or an error.
ssize_t link_receive(struct link *link, void *bytes, size_t size);
ssize_t link_send(struct link *link, const void *bytes, size_t size);

/// Asks the server to speak WebSocket with the subprotocol `mqtt` (RFC 6455 section 4); 0, or -1 with an error.
/// What follows the answer is left in `rest`.
int websocket_open(struct link *link, struct buffer *rest);

/// Forwards bytes between a client and the broker until either ends.
int forward_bytes(struct link *link, int client);
/// The same with a WebSocket. `rest` holds bytes from the broker.
int forward_websocket(struct link *link, int client, struct buffer *rest);

/// Writes as much of a buffer as the descriptor takes; 0, or -1.
int buffer_write(struct buffer *buffer, int descriptor);
/// The same before the end of the connection: waits for a slow reader, a second at most.
void buffer_flush(struct buffer *buffer, int descriptor);

#endif
