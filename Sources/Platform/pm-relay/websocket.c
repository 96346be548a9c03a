// MQTT over WebSocket (MQTT 5 section 6): the opening handshake, and frames by libwslay.
#include "relay.h"

#include <CTLS.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>
#include <wslay/wslay.h>

static int wait_for(struct link *link, short events) {
	struct pollfd end = {.fd = link->socket, .events = events};
	return poll(&end, 1, link_patience(link)) > 0 ? 0 : link_failed(link, "the WebSocket's server does not answer");
}

static int send_request(struct link *link, const char *key) {
	char request[4096];
	int size = snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
		link->path, link->host, key);
	if (size >= (int)sizeof request) return link_failed(link, "the WebSocket's path is too long");
	for (int sent = 0; sent < size;) {
		ssize_t part = link_send(link, request + sent, (size_t)(size - sent));
		if (part < 0 && errno != EAGAIN) return -1;
		if (part < 0 && wait_for(link, POLLOUT) < 0) return -1;
		if (part > 0) sent += (int)part;
	}
	return 0;
}

// The value of a header in the answer, the last one if it is repeated; empty if it is not there.
static void read_header(const char *answer, const char *name, char *value, size_t size) {
	value[0] = 0;
	size_t length = strlen(name);
	for (const char *line = strstr(answer, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':') continue;
		const char *start = line + 3 + length;
		start += strspn(start, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(start, " \t\r"), start);
	}
}

// Whether the answer opens a WebSocket for MQTT (RFC 6455 section 4.1); 0, or -1 with an error.
static int check_answer(struct link *link, const char *answer, const char *key) {
	char value[128], wanted[32];
	int status = 0;
	if (sscanf(answer, "HTTP/1.%*d %d", &status) != 1) return link_failed(link, "what answers does not speak HTTP");
	if (status != 101) {
		snprintf(link->error, sizeof link->error, "no WebSocket at %s: HTTP status %d", link->path, status);
		return -1;
	}
	pm_websocket_accept(key, wanted);
	read_header(answer, "Sec-WebSocket-Accept", value, sizeof value);
	if (strcmp(value, wanted) != 0) return link_failed(link, "the server's WebSocket handshake is wrong");
	read_header(answer, "Sec-WebSocket-Protocol", value, sizeof value);
	// Some servers leave it out. Another protocol than MQTT is no broker.
	return value[0] && strcmp(value, "mqtt") != 0 ? link_failed(link, "the WebSocket is not for MQTT") : 0;
}

int websocket_open(struct link *link, struct buffer *rest) {
	unsigned char seed[16];
	char key[32];
	if (getrandom(seed, sizeof seed, 0) != sizeof seed) return link_failed(link, "no random numbers");
	pm_base64(seed, sizeof seed, key);
	if (send_request(link, key) < 0) return -1;
	char *end = NULL;
	while (!end) {
		if (rest->end + 1 >= sizeof rest->bytes) return link_failed(link, "the WebSocket's server answers with too much");
		ssize_t size = link_receive(link, rest->bytes + rest->end, sizeof rest->bytes - 1 - rest->end);
		if (size == 0 || (size < 0 && errno != EAGAIN))
			return link_failed(link, "the WebSocket's server ended the connection without an answer");
		if (size < 0 && wait_for(link, POLLIN) < 0) return -1;
		if (size > 0) rest->end += (size_t)size;
		rest->bytes[rest->end] = 0;
		end = strstr(rest->bytes, "\r\n\r\n");
	}
	rest->start = (size_t)(end + 4 - rest->bytes);
	return check_answer(link, rest->bytes, key);
}

// A WebSocket connection, for the callbacks of libwslay.
struct socket_state {
	struct link *link;
	struct buffer *rest;
	struct buffer in;
	uint8_t opcode; // of the frame that is being received
	int is_full;
	int has_ended;
};

static ssize_t receive(
	wslay_event_context_ptr context, uint8_t *bytes, size_t size, int flags, void *user) {
	(void)flags;
	struct socket_state *state = user;
	struct buffer *rest = state->rest;
	// What comes out is at most as long as what goes in.
	size_t room = sizeof state->in.bytes - state->in.end;
	if (room == 0) {
		state->is_full = 1;
		wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (size > room) size = room;
	if (rest->start < rest->end) {
		size_t left = rest->end - rest->start;
		if (size > left) size = left;
		memcpy(bytes, rest->bytes + rest->start, size);
		rest->start += size;
		return (ssize_t)size;
	}
	ssize_t got = link_receive(state->link, bytes, size);
	if (got > 0) return got;
	state->has_ended = got == 0 || errno != EAGAIN;
	wslay_event_set_error(context, state->has_ended ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static ssize_t transmit(
	wslay_event_context_ptr context, const uint8_t *bytes, size_t size, int flags, void *user) {
	(void)flags;
	struct socket_state *state = user;
	ssize_t sent = link_send(state->link, bytes, size);
	if (sent >= 0) return sent;
	wslay_event_set_error(context, errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static int make_mask(wslay_event_context_ptr context, uint8_t *bytes, size_t size, void *user) {
	(void)context, (void)user;
	return getrandom(bytes, size, 0) == (ssize_t)size ? 0 : -1;
}

static void begin_frame(
	wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_start_arg *frame, void *user) {
	(void)context;
	((struct socket_state *)user)->opcode = frame->opcode;
}

static void take_data(
	wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *user) {
	struct socket_state *state = user;
	(void)context;
	// The payloads of pings and closes are not MQTT.
	if (wslay_is_ctrl_frame(state->opcode)) return;
	memcpy(state->in.bytes + state->in.end, chunk->data, chunk->data_length);
	state->in.end += chunk->data_length;
}

// Reads from the client and queues it as one frame. MQTT's packets need not begin and end with frames (MQTT 5 section 6).
static int read_client(wslay_event_context_ptr context, int client) {
	uint8_t bytes[16 * 1024];
	ssize_t size = read(client, bytes, sizeof bytes);
	if (size == 0 || (size < 0 && errno != EAGAIN)) return -1;
	if (size < 0) return 0;
	struct wslay_event_msg message = {.opcode = WSLAY_BINARY_FRAME, .msg = bytes, .msg_length = (size_t)size};
	return wslay_event_queue_msg(context, &message);
}

int forward_websocket(struct link *link, int client, struct buffer *rest) {
	static struct socket_state state;
	state.link = link;
	state.rest = rest;
	struct wslay_event_callbacks callbacks = {
		.recv_callback = receive,
		.send_callback = transmit,
		.genmask_callback = make_mask,
		.on_frame_recv_start_callback = begin_frame,
		.on_frame_recv_chunk_callback = take_data,
	};
	wslay_event_context_ptr context;
	if (wslay_event_context_client_init(&context, &callbacks, &state) != 0) return link_failed(link, "out of memory");
	// Chunks are passed on as they come; nothing is collected into messages.
	wslay_event_config_set_no_buffering(context, 1);
	for (;;) {
		int failure = wslay_event_recv(context);
		if (failure || state.has_ended || wslay_event_get_close_received(context)) {
			buffer_flush(&state.in, client);
			(void)wslay_event_send(context); // the answer to a close
			if (failure && !state.has_ended) return link_failed(link, "the server breaks the WebSocket's protocol");
			return link->error[0] ? -1 : 0;
		}
		if (buffer_write(&state.in, client) < 0) return 0;
		if (wslay_event_send(context) != 0) return -1;
		// With room again, the connection may hold bytes that poll does not show.
		if (state.in.end == 0 && (state.is_full || rest->start < rest->end)) {
			state.is_full = 0;
			continue;
		}
		int waits = wslay_event_want_write(context);
		struct pollfd ends[2] = {
			{.fd = client, .events = (short)((waits ? 0 : POLLIN) | (state.in.end > 0 ? POLLOUT : 0))},
			{.fd = link->socket, .events = (short)((state.in.end == 0 ? POLLIN : 0) | (waits ? POLLOUT : 0))}};
		if (poll(ends, 2, -1) < 0) return -1;
		// Without POLLIN nothing would read the end of a client that has gone while the link is blocked.
		if (waits && ends[0].revents & (POLLHUP | POLLERR)) return 0;
		if (!waits && ends[0].revents && read_client(context, client) < 0) {
			(void)wslay_event_queue_close(context, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
			(void)wslay_event_send(context);
			return 0;
		}
	}
}
