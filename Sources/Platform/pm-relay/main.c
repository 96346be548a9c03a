// pm-relay: connects to a broker by WebSocket, through an HTTP proxy, or both, and forwards one connection. A session
// starts it with a listening socket as stdin (`Relay.swift`), and connects to that socket: libmosquitto can do neither.
// See docs/decisions/0025-relay.md.
//
// Why C: it only calls C libraries, with callbacks and variable arguments, and runs for each connection: without Swift's
// runtime it needs a third of the memory.
#include "relay.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The session that has started this process connects before, or has ended.
enum { CLIENT_PATIENCE_MS = 60 * 1000 };

static int usage(void) {
	fputs("usage: pm-relay URL [--ca|--cert|--key|--server-name|--proxy|--proxy-user|--proxy-password-file|--no-proxy VALUE]...\n"
		  "pmqtt's programs start it; stdin is a listening socket\n", stderr);
	return 100;
}

static int read_plan(struct relay_plan *plan, int count, char **words) {
	if (count < 2 || count % 2 != 0) return -1;
	plan->url = words[1];
	const struct { const char *flag; const char **value; } flags[] = {
		{"--ca", &plan->authority}, {"--cert", &plan->certificate}, {"--key", &plan->key},
		{"--server-name", &plan->server_name}, {"--proxy", &plan->proxy},
		{"--proxy-user", &plan->proxy_user}, {"--proxy-password-file", &plan->proxy_password_file}, {"--no-proxy", &plan->no_proxy}};
	for (int index = 2; index < count; index += 2) {
		size_t flag = 0;
		while (flag < sizeof flags / sizeof *flags && strcmp(flags[flag].flag, words[index]) != 0) flag++;
		if (flag == sizeof flags / sizeof *flags) return -1;
		*flags[flag].value = words[index + 1];
	}
	return 0;
}

static int accept_client(void) {
	struct pollfd listener = {.fd = 0, .events = POLLIN};
	if (poll(&listener, 1, CLIENT_PATIENCE_MS) <= 0) return -1;
	int client = accept4(0, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(0);
	return client;
}

int main(int count, char **words) {
	struct relay_plan plan = {0};
	if (read_plan(&plan, count, words) < 0) return usage();
	signal(SIGPIPE, SIG_IGN);
	static struct link link;
	static struct buffer rest;
	if (link_open(&link, &plan) < 0 || (link.path && websocket_open(&link, &rest) < 0)) {
		fprintf(stderr, "%s\n", link.error);
		return 111;
	}
	int client = accept_client();
	if (client < 0) return 111;
	int code = link.path ? forward_websocket(&link, client, &rest) : forward_bytes(&link, client);
	if (code < 0 && link.error[0]) fprintf(stderr, "%s\n", link.error);
	return code < 0 ? 111 : 0;
}
