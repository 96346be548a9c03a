// The broker's own symbols: resolved when the broker loads the plugin, so nothing is linked here.
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mqtt_protocol.h>

// mosquitto_log_printf is variadic, which Swift cannot call; the text is an argument, never the format.
static inline void pm_broker_log(int level, const char *text) { mosquitto_log_printf(level, "%s", text); }
