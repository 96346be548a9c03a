// The connection below MQTT and WebSocket, by libcurl: names, proxies with their authentication, and TLS.
#include "relay.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// For the name, the proxy, TLS and the WebSocket's handshake together.
enum { CONNECT_SECONDS = 25 };

int link_failed(struct link *link, const char *reason) {
	snprintf(link->error, sizeof link->error, "%s", reason);
	return -1;
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int link_patience(const struct link *link) {
	double left = link->deadline - now();
	return left > 0 ? (int)(left * 1e3) : 0;
}

// Splits `scheme://host:port/path`, which a session has already checked.
static int read_url(struct link *link, const char *url, char *base, size_t size, const struct relay_plan *plan) {
	const char *start = strstr(url, "://");
	if (!start) return link_failed(link, "the broker's URL has no scheme");
	int has_tls = strncmp(url, "wss:", 4) == 0 || strncmp(url, "mqtts:", 6) == 0;
	start += 3;
	size_t length = strcspn(start, "/");
	if (length >= sizeof link->host) return link_failed(link, "the broker's host name is too long");
	memcpy(link->host, start, length);
	link->host[length] = 0;
	if (strncmp(url, "ws", 2) == 0) link->path = start[length] ? start + length : "/";
	const char *port = strrchr(link->host, ':');
	// The certificate's name replaces the host's; CURLOPT_CONNECT_TO says where to connect all the same.
	int has_name = plan->server_name && port;
	snprintf(base, size, "%s://%s%s/", has_tls ? "https" : "http", has_name ? plan->server_name : link->host,
		has_name ? port : "");
	return 0;
}

static int read_password(struct link *link, const char *path, char *password, size_t size) {
	FILE *file = fopen(path, "re");
	if (!file || !fgets(password, (int)size, file)) {
		snprintf(link->error, sizeof link->error, "proxy_password_file: %s: %s", path, file ? "empty" : strerror(errno));
		if (file) fclose(file);
		return -1;
	}
	fclose(file);
	password[strcspn(password, "\r\n")] = 0;
	return 0;
}

static int set_options(struct link *link, const struct relay_plan *plan, const char *base) {
	CURL *curl = link->curl;
	curl_easy_setopt(curl, CURLOPT_URL, base);
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, link->error);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	if (plan->authority) {
		if (curl_easy_setopt(curl, CURLOPT_CAINFO, plan->authority) != CURLE_OK) return link_failed(link, "out of memory");
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (plan->certificate) curl_easy_setopt(curl, CURLOPT_SSLCERT, plan->certificate);
	if (plan->key) curl_easy_setopt(curl, CURLOPT_SSLKEY, plan->key);
	if (plan->server_name) {
		static char target[600];
		snprintf(target, sizeof target, "::%s", link->host);
		curl_easy_setopt(curl, CURLOPT_CONNECT_TO, curl_slist_append(NULL, target));
	}
	// Not from the environment: an agent's settings say what it does.
	curl_easy_setopt(curl, CURLOPT_PROXY, plan->proxy ? plan->proxy : "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, plan->no_proxy ? plan->no_proxy : "");
	curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXYAUTH, CURLAUTH_ANY);
	if (plan->proxy_user) curl_easy_setopt(curl, CURLOPT_PROXYUSERNAME, plan->proxy_user);
	if (plan->proxy_password_file) {
		static char password[1024];
		if (read_password(link, plan->proxy_password_file, password, sizeof password) < 0) return -1;
		curl_easy_setopt(curl, CURLOPT_PROXYPASSWORD, password);
	}
	return 0;
}

int link_open(struct link *link, const struct relay_plan *plan) {
	static char base[1024];
	link->deadline = now() + CONNECT_SECONDS;
	if (read_url(link, plan->url, base, sizeof base, plan) < 0) return -1;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	link->curl = curl_easy_init();
	if (!link->curl) return link_failed(link, "out of memory");
	if (set_options(link, plan, base) < 0) return -1;
	CURLcode code = curl_easy_perform(link->curl);
	if (code != CURLE_OK) return link->error[0] ? -1 : link_failed(link, curl_easy_strerror(code));
	curl_socket_t socket = CURL_SOCKET_BAD;
	curl_easy_getinfo(link->curl, CURLINFO_ACTIVESOCKET, &socket);
	link->socket = socket;
	link->error[0] = 0;
	return 0;
}

static ssize_t result(struct link *link, CURLcode code, size_t size) {
	if (code == CURLE_OK) return (ssize_t)size;
	errno = code == CURLE_AGAIN ? EAGAIN : EIO;
	if (code != CURLE_AGAIN && !link->error[0]) link_failed(link, curl_easy_strerror(code));
	return -1;
}

ssize_t link_receive(struct link *link, void *bytes, size_t size) {
	size_t got = 0;
	CURLcode code = curl_easy_recv(link->curl, bytes, size, &got);
	return result(link, code, got);
}

ssize_t link_send(struct link *link, const void *bytes, size_t size) {
	size_t sent = 0;
	CURLcode code = curl_easy_send(link->curl, bytes, size, &sent);
	return result(link, code, sent);
}
