# What the demos share: a temporary folder with all that they start, which is taken down at the end. To be sourced, with `root`
# and `bin` set.
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

# show COMMAND…: prints it as one would type it, and runs it.
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

# start_broker: with the configuration that `configure` prints for "$port", on one that is free. `probe` tells whether it is up.
start_broker() {
	attempt=0
	while [ $attempt -lt 20 ]; do
		attempt=$((attempt + 1))
		port=$(awk -v seed="$$$attempt" 'BEGIN { srand(seed); print int(20000 + rand() * 12000) }')
		configure >"$work/mosquitto.conf"
		# Started as root it would change to a user who can't read the folder.
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
