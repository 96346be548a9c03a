#!/bin/sh
# Starts a broker with the hub, an agent and pm-cluster at a free loopback port and in a temporary folder, and shows
# their main functions with mosquitto_pub and mosquitto_sub: processes, a node and, if this host can run one, a VM. With
# --stay it keeps them running and prints commands to try.
set -eu

stay=no
if [ "${1-}" = --stay ]; then
	stay=yes
	shift
fi
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:-$root/.build/release}" && pwd)
host=${PM_DEMO_HOST:-demo}
node=$host-node vm=$host-vm
# shellcheck source=scripts/demo-common.sh
. "$root/scripts/demo-common.sh"

configure() {
	sed -e "s|^listener .*|listener $port 127.0.0.1|" -e "s|^plugin .*|plugin $bin/libpm_hub.so|" \
		-e "s|^persistence_location .*|persistence_location $work/|" -e "s|/var/lib/mosquitto/|$work/|" "$root/broker/mosquitto.conf"
}
probe() { mosquitto_pub -p "$port" -t pm/reply/demo -n; }

# listen TOPIC: writes the next message of TOPIC to $work/answer. Returns as soon as the subscription exists.
listen() {
	: >"$work/answer"
	: >"$work/debug"
	stdbuf -oL mosquitto_sub -d -p "$port" -t "$1" -R -C 1 -W 20 >"$work/debug" &
	listener=$!
	until grep -q SUBACK "$work/debug"; do kill -0 "$listener"; done
}

# heard: waits for the message of `listen` and prints it.
heard() {
	wait "$listener"
	listener=
	grep -v '^Client \|^Subscribed ' "$work/debug" | tee "$work/answer"
}

# await TOPIC TEXT: returns when the retained message of TOPIC contains TEXT.
await() {
	attempt=0
	until mosquitto_sub -p "$port" -t "$1" -C 1 -W 20 | grep -qF "$2"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 100 ]
		sleep 0.1
	done
}

# obstacle: prints why this host cannot run VMs, or nothing if it can. The agent needs some seconds to find out.
obstacle() {
	attempt=0
	while [ $attempt -lt 900 ]; do
		mosquitto_sub -p "$port" -t "pm/$host/info" -C 1 -W 20 >"$work/info"
		grep -q '"reason":"is being tried"' "$work/info" || break
		attempt=$((attempt + 1))
		sleep 0.1
	done
	sed -n 's/.*"qemu":{"available":false,"reason":"\([^"]*\)".*/\1/p' "$work/info"
}

# console VM TEXT: shows the console of a VM until it contains TEXT.
console() {
	echo "\$ $bin/pmctl vm console $1"
	: >"$work/console"
	"$bin/pmctl" vm console "$1" >"$work/console" 2>&1 &
	listener=$!
	attempt=0
	until grep -q "$2" "$work/console"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 200 ]
		kill -0 "$listener"
		sleep 0.1
	done
	kill -INT "$listener"
	wait "$listener"
	listener=
	cat "$work/console"
}

number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$work/answer"; }

say "Start a broker with the hub, an agent called $host, and pm-cluster"
start_broker
"$bin/pm-agent" --host "$host" --broker "mqtt://127.0.0.1:$port" --state-dir "$work/state" \
	--health-interval 1 >"$work/agent.log" 2>&1 &
agent=$!
mosquitto_sub -p "$port" -t "pm/$host/status" -C 1 -W 20 >"$work/answer"
[ "$(cat "$work/answer")" = online ]
echo "mqtt://127.0.0.1:$port, pm/$host/status: online"
"$bin/pm-cluster" --broker "mqtt://127.0.0.1:$port" --state-dir "$work/cluster" >"$work/cluster.log" 2>&1 &
cluster=$!
mosquitto_sub -p "$port" -t pm/cluster/status -C 1 -W 20 >"$work/answer"
[ "$(cat "$work/answer")" = online ]
echo "pm/cluster/status: online"

if [ "$stay" = yes ]; then
	cat <<END

Type in another terminal:

  export PM_BROKER=mqtt://127.0.0.1:$port PATH=$bin:\$PATH
  pmctl hosts
  pmctl start $host --name web -- python3 -m http.server 8000
  pmctl ps
  pmctl watch
  pmctl node create blue
  pmctl vm allocate --id red -- sleep 1000
  mosquitto_sub -p $port -v -t 'pm/#'
  mosquitto_rr -V mqttv5 -p $port -t pm/hub/control -e pm/reply/me -m '{"host_name":"$host","list_active_processes":{}}'

Ctrl-C ends everything.
END
	wait "$agent"
	exit
fi

say "Start a process (BlueZero's protocol)"
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
heard
first=$(number pid)

say "Start another one with a name and an environment (method protocol)"
listen "pm/$host/response"
show mosquitto_pub -p "$port" -t "pm/$host/control" \
	-m '{"method":"start_process","args":{"config":{"name":"hello","path":"/tmp","command":"sh -c \"echo $GREETING; exec sleep 1000\"","env":{"GREETING":"hello from a process"}}}}'
heard
second=$(number pid)
show ps -o pid,sid,args -p "$first,$second"
show cat "$work/state/log/hello.stdout"

say "Send a request through the hub, which routes it by host_name"
await pm/hub/hosts "\"$host\""
show mosquitto_sub -p "$port" -t pm/hub/hosts -C 1 -W 20
listen pm/hub/response
show mosquitto_pub -p "$port" -t pm/hub/control -m "{\"host_name\":\"$host\",\"list_active_processes\":{}}"
heard
listen pm/hub/response
show mosquitto_pub -p "$port" -t pm/hub/control -m '{"host_name":"nowhere","list_active_processes":{}}'
heard

say "Health is retained: a client that subscribes later gets it at once"
await "pm/$host/health" '"running":2'
show mosquitto_sub -p "$port" -t "pm/$host/health" -C 1 -W 20

say "Stop both; the answer comes when all that they started has ended"
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

say "The same with pmctl"
PM_BROKER=mqtt://127.0.0.1:$port
export PM_BROKER
show "$bin/pmctl" start "$host" --name web -- sleep 1000
show "$bin/pmctl" ps
show "$bin/pmctl" hosts
show "$bin/pmctl" stop "$host" web

say "A node: an agent that runs as a process, on a host that pm-cluster chooses"
await pm/cluster/node/health '"available":1'
listen pm/cluster/node/response
show mosquitto_pub -p "$port" -t pm/cluster/node/control -m '{"method":"create_node","args":{"node_id":"'"$node"'"}}'
heard
listen pm/cluster/node/response
show mosquitto_pub -p "$port" -t pm/cluster/node/control \
	-m '{"method":"run_process_on_node","args":{"node_id":"'"$node"'","config":{"name":"greeter","command":"sh -c \"echo hello from a node; exec sleep 1000\"","ready":{"log_line":"hello"}}}}'
heard
await "pm/$node/process/greeter" '"state":"running"'
show "$bin/pmctl" logs "$node" greeter
show "$bin/pmctl" node ls

say "A VM, with an agent and a process in it"
reason=$(obstacle)
if [ -z "$reason" ]; then
	await pm/cluster/vm/health '"available":1'
	listen pm/cluster/vm/response
	show mosquitto_pub -p "$port" -t pm/cluster/vm/control \
		-m '{"method":"allocate_vm","args":{"vm_id":"'"$vm"'","config":{"name":"greeter","command":"sh -c \"echo hello from Linux $(uname -r); echo and to the console >/dev/console; exec sleep 1000\"","ready":{"log_line":"hello"}}}}'
	heard
	await "pm/$vm/process/greeter" '"state":"running"'
	show "$bin/pmctl" logs "$vm" greeter
	console "$vm" "to the console"
	show "$bin/pmctl" vm ls
	listen pm/cluster/vm/response
	show mosquitto_pub -p "$port" -t pm/cluster/vm/control -m '{"method":"remove_vm","args":{"vm_id":"'"$vm"'"}}'
	heard
else
	echo "This host cannot run VMs: $reason"
fi
listen pm/cluster/node/response
show mosquitto_pub -p "$port" -t pm/cluster/node/control -m '{"method":"remove_node","args":{"node_id":"'"$node"'"}}'
heard
show "$bin/pmctl" hosts

say "Everything is taken down again"
