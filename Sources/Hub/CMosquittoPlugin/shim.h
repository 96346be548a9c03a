// The broker's own symbols. They are resolved when the broker loads the plugin, so no library is linked here.
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mqtt_protocol.h>

// Brokers before 2.1 that were linked with upstream's list of exported symbols do not export these functions (Debian's
// do). They are weak, so that the plugin loads in such a broker too, and works without the properties of requests.
#pragma weak mosquitto_property_read_string
#pragma weak mosquitto_property_read_binary
#pragma weak mosquitto_property_read_int32
#pragma weak mosquitto_property_read_string_pair

static inline bool pm_reads_properties(void) {
    return mosquitto_property_read_string && mosquitto_property_read_binary && mosquitto_property_read_int32 &&
        mosquitto_property_read_string_pair;
}

// mosquitto_log_printf is variadic, which Swift cannot call. The text is an argument, never the format.
static inline void pm_broker_log(int level, const char *text) { mosquitto_log_printf(level, "%s", text); }

// From malloc.h, which the Glibc module lacks.
int malloc_trim(size_t pad);
