#include "CBench.h"

#include <mosquitto.h>

static void echo(struct mosquitto *client, void *response, const struct mosquitto_message *message) {
	mosquitto_publish(client, 0, response, message->payloadlen, message->payload, message->qos, false);
}

int bench_echo(const char *socket_path, const char *request, const char *response) {
	mosquitto_lib_init();
	struct mosquitto *client = mosquitto_new(0, true, (void *)response);
	if (!client) return -1;
	mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_message_callback_set(client, echo);
	if (mosquitto_connect(client, socket_path, 0, 60) != MOSQ_ERR_SUCCESS) return -1;
	mosquitto_subscribe(client, 0, request, 1);
	// Tells the bench that the subscription exists.
	mosquitto_publish(client, 0, response, 5, "ready", 1, true);
	return mosquitto_loop_forever(client, -1, 1);
}
