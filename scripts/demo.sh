#!/bin/sh
# Brings up a broker with the hub inside and one agent, on a free loopback port and in a temporary folder, and walks
# through the main job by mosquitto_pub and mosquitto_sub. With --stay it stays up and says what to type.
set -eu

stay=no
if [ "${1-}" = --stay ]; then
	stay=yes
	shift
fi
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:-$root/.build/release}" && pwd)
host=${PM_DEMO_HOST:-demo}
work=$(mktemp -d /tmp/pmqtt-demo.XXXXXX)
broker= agent= listener=

finish() {
	status=$?
	trap - EXIT INT TERM
	[ -z "$listener" ] || kill "$listener" 2>/dev/null || true
	for pid in $agent $broker; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [ "$status" != 0 ] && [ "$stay" = no ]; then
		echo "--- the demo failed; the broker's and the agent's logs:" >&2
		cat "$work/broker.log" "$work/agent.log" >&2 2>/dev/null || true
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
	printf '$'
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9_./:=@%+,-]* | '') printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$@"
}

start_broker() {
	attempt=0
	while [ $attempt -lt 20 ]; do
		attempt=$((attempt + 1))
		port=$(awk -v seed="$$$attempt" 'BEGIN { srand(seed); print int(20000 + rand() * 12000) }')
		sed -e "s|^listener .*|listener $port 127.0.0.1|" -e "s|^plugin .*|plugin $bin/libpm_hub.so|" \
			-e "s|^persistence_location .*|persistence_location $work/|" "$root/broker/mosquitto.conf" >"$work/mosquitto.conf"
		# Started as root it would change to a user who can't read the folder.
		[ "$(id -u)" != 0 ] || echo 'user root' >>"$work/mosquitto.conf"
		PATH=$PATH:/usr/sbin mosquitto -c "$work/mosquitto.conf" >"$work/broker.log" 2>&1 &
		broker=$!
		while kill -0 "$broker" 2>/dev/null; do
			mosquitto_pub -p "$port" -t pm/reply/demo -n 2>/dev/null && return
		done
	done
	echo "no broker came up" >&2
	return 1
}

# listen TOPIC: the next message there, into $work/answer; returns once the subscription stands.
listen() {
	: >"$work/answer"
	: >"$work/debug"
	stdbuf -oL mosquitto_sub -d -p "$port" -t "$1" -R -C 1 -W 20 >"$work/debug" &
	listener=$!
	until grep -q SUBACK "$work/debug"; do kill -0 "$listener"; done
}

# heard: waits for that message and prints it.
heard() {
	wait "$listener"
	listener=
	grep -v '^Client \|^Subscribed ' "$work/debug" | tee "$work/answer"
}

# await TOPIC TEXT: returns when the retained message there holds the text.
await() {
	attempt=0
	until mosquitto_sub -p "$port" -t "$1" -C 1 -W 20 | grep -qF "$2"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 100 ]
		sleep 0.1
	done
}

number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$work/answer"; }

say "A broker with the hub inside, and an agent called $host"
start_broker
"$bin/pm-agent" --host "$host" --broker "mqtt://127.0.0.1:$port" --state-dir "$work/state" \
	--health-interval 1 >"$work/agent.log" 2>&1 &
agent=$!
mosquitto_sub -p "$port" -t "pm/$host/status" -C 1 -W 20 >"$work/answer"
[ "$(cat "$work/answer")" = online ]
echo "mqtt://127.0.0.1:$port, pm/$host/status: online"

if [ "$stay" = yes ]; then
	cat <<END

Now type, in another terminal:

  export PM_BROKER=mqtt://127.0.0.1:$port PATH=$bin:\$PATH
  pmctl hosts
  pmctl start $host --name web -- python3 -m http.server 8000
  pmctl ps
  pmctl watch
  mosquitto_sub -p $port -v -t 'pm/#'
  mosquitto_rr -V mqttv5 -p $port -t pm/hub/control -e pm/reply/me -m '{"host_name":"$host","list_active_processes":{}}'

Ctrl-C takes it all down.
END
	wait "$agent"
	exit
fi

say "Start a process (BlueZero's dialect)"
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
heard
first=$(number pid)

say "Start another (the method dialect), with a name and an environment"
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" \
	-m '{"method":"start_process","args":{"config":{"name":"hello","path":"/tmp","command":"sh -c \"echo $GREETING; exec sleep 1000\"","env":{"GREETING":"hello from a process"}}}}'
heard
second=$(number pid)
show ps -o pid,sid,args -p "$first,$second"
show cat "$work/state/log/hello.stdout"

say "Ask through the hub: it knows its hosts, and routes by host_name inside the broker"
await pm/hub/hosts "\"$host\""
show mosquitto_sub -p "$port" -t pm/hub/hosts -C 1 -W 20
listen pm/hub/response
show mosquitto_pub -p "$port" -t pm/hub/control -m "{\"host_name\":\"$host\",\"list_active_processes\":{}}"
heard
listen pm/hub/response
show mosquitto_pub -p "$port" -t pm/hub/control -m '{"host_name":"nowhere","list_active_processes":{}}'
heard

say "Health is retained: who asks later sees it at once"
await "pm/$host/health" '"running":2'
show mosquitto_sub -p "$port" -t "pm/$host/health" -C 1 -W 20

say "Stop both; the answer comes when everything they started is gone"
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" -m '{"method":"kill_process","args":{"process_id":"hello"}}'
heard
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" -m "{\"stop_process\":{\"pid\":$first}}"
heard
show mosquitto_rr -V mqttv5 -p "$port" -W 20 -t "pm/$host/control" -e pm/reply/demo \
	-m "{\"query_process_status\":{\"pid\":$first}}"
if ps -p "$first,$second" >/dev/null; then
	echo "a process survived" >&2
	exit 1
fi

say "The same on the command line"
PM_BROKER=mqtt://127.0.0.1:$port
export PM_BROKER
show "$bin/pmctl" start "$host" --name web -- sleep 1000
show "$bin/pmctl" ps
show "$bin/pmctl" hosts
show "$bin/pmctl" stop "$host" web

say "Everything is taken down again"
