#include "CBench.h"

#include <mosquitto.h>
#include <stdbool.h>
#include <time.h>

static void connected(struct mosquitto *client, void *is_connected, int code) {
	*(bool *)is_connected = code == 0;
	(void)client;
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double bench_connect(const char *socket_path) {
	mosquitto_lib_init();
	bool is_connected = false;
	double begin = now();
	struct mosquitto *client = mosquitto_new(0, true, &is_connected);
	if (!client) return -1;
	mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_connect_callback_set(client, connected);
	int code = mosquitto_connect(client, socket_path, 0, 60);
	while (code == MOSQ_ERR_SUCCESS && !is_connected) code = mosquitto_loop(client, 1000, 1);
	double seconds = now() - begin;
	mosquitto_disconnect(client);
	mosquitto_destroy(client);
	return is_connected ? seconds : -1;
}
