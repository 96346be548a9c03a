# Shared by the demos, to be sourced with `root` and `bin` set: a temporary folder, the start of a broker, and the end
# of all started programs.
work=$(mktemp -d /tmp/pmqtt-demo.XXXXXX)
broker= agent= cluster= listener=

finish() {
	status=$?
	trap - EXIT INT TERM
	[ -z "$listener" ] || kill "$listener" 2>/dev/null || true
	for pid in $cluster $agent $broker; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [ "$status" != 0 ] && [ "${stay-no}" = no ]; then
		echo "--- the demo failed; the logs of the broker, the agent and pm-cluster:" >&2
		cat "$work/broker.log" "$work/agent.log" "$work/cluster.log" >&2 2>/dev/null || true
	fi
	rm -rf "$work"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

# show COMMAND…: prints a command as it would be typed, and runs it.
show() {
	printf '%s$' "${who-}"
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9_./:=@%+,-]* | '') printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$@"
}

# start_broker: starts a broker at a free port, with the configuration that `configure` prints for "$port". `probe`
# succeeds when the broker is up.
start_broker() {
	attempt=0
	while [ $attempt -lt 20 ]; do
		attempt=$((attempt + 1))
		port=$(awk -v seed="$$$attempt" 'BEGIN { srand(seed); print int(20000 + rand() * 12000) }')
		configure >"$work/mosquitto.conf"
		# As root, mosquitto would switch to a user that cannot read the folder.
		[ "$(id -u)" != 0 ] || echo 'user root' >>"$work/mosquitto.conf"
		PATH=$PATH:/usr/sbin mosquitto -c "$work/mosquitto.conf" >"$work/broker.log" 2>&1 &
		broker=$!
		waits=0
		while kill -0 "$broker" 2>/dev/null && [ $waits -lt 100 ]; do
			probe 2>"$work/error" && return
			waits=$((waits + 1))
			sleep 0.05
		done
		kill "$broker" 2>/dev/null || true
		wait "$broker" 2>/dev/null || true
	done
	cat "$work/broker.log" "$work/error" >&2
	echo "no broker came up" >&2
	return 1
}
