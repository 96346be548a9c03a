# Shared by the examples: sends a request with mosquitto_rr.
#
# mosquitto_rr publishes a request with a response topic of its own (MQTT 5) and prints the first answer there.
# The broker is $PM_BROKER_HOST:$PM_BROKER_PORT, 127.0.0.1:1883 unless they are set.

usage() {
	echo "usage: $(basename "$0") [--hub] $1" >&2
	exit 100
}

# json_string TEXT: TEXT as a JSON string. Control characters other than tab and newline are not handled.
json_string() {
	printf '"%s"' "$(printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }')"
}

# json_array WORD…: the words as a JSON array of strings.
json_array() {
	separator=
	printf '['
	for word in "$@"; do
		printf '%s%s' "$separator" "$(json_string "$word")"
		separator=,
	done
	printf ']'
}

# ask HOST COMMAND BODY: sends {"COMMAND":BODY} to the host's agent; with --hub, through the hub.
ask() {
	if [ "$via_hub" = yes ]; then
		topic=pm/hub/control
		payload="{\"host_name\":$(json_string "$1"),\"$2\":$3}"
	else
		topic=pm/$1/control
		payload="{\"$2\":$3}"
	fi
	answer=$(mosquitto_rr -V mqttv5 -h "${PM_BROKER_HOST:-127.0.0.1}" -p "${PM_BROKER_PORT:-1883}" -q 1 -W "${PM_TIMEOUT:-10}" \
		-t "$topic" -e "pm/reply/$(basename "$0" .sh)-$$" -D publish content-type b0::process_manager::Request \
		-m "$payload")
	printf '%s\n' "$answer"
	# If the answer reports a failure, the script fails, too.
	case $answer in *'"success":false'* | '') return 1 ;; esac
}

via_hub=no
if [ "${1-}" = --hub ]; then
	via_hub=yes
	shift
fi
