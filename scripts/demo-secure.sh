#!/bin/sh
# Starts the hardened broker with the hub, an agent and pm-cluster, all with TLS, a name and a password, at a free
# loopback port and in a temporary folder. Shows the rights of an operator, a viewer and a host, and an untrusted
# broker.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:-$root/.build/release}" && pwd)
host=${PM_DEMO_HOST:-demo}
# shellcheck source=scripts/demo-common.sh
. "$root/scripts/demo-common.sh"
files=$work/broker

configure() {
	sed -e "s|^listener .*|listener $port 127.0.0.1|" -e "s|^plugin .*|plugin $bin/libpm_hub.so|" \
		-e "s|^persistence_location .*|persistence_location $work/|" -e "s|/var/lib/mosquitto/|$work/|" -e "s|/etc/mosquitto/pmqtt/|$files/|" \
		-e "s|broker\.pem|localhost.pem|" -e "s|broker\.key|localhost.key|" "$root/broker/secure/mosquitto.conf"
}
# A TLS handshake without MQTT.
probe() { openssl s_client -connect "127.0.0.1:$port" </dev/null >/dev/null 2>&1; }

# become NAME: sets the user of the following commands. The clients read everything from files and variables, so that no
# password is an argument.
become() {
	who=$1
	XDG_CONFIG_HOME=$work/$1 PM_BROKER=mqtts://localhost:$port PM_USER=$1 PM_PASSWORD_FILE=$files/$1.password
	PM_CA=$files/ca.pem
	export XDG_CONFIG_HOME PM_BROKER PM_USER PM_PASSWORD_FILE PM_CA
	[ ! -d "$work/$1" ] || return 0
	mkdir "$work/$1"
	printf '%s\n' "-h localhost" "-p $port" "--cafile $files/ca.pem" "-u $1" "-P $(cat "$files/$1.password")" "-V mqttv5" \
		>"$work/$1/mosquitto_pub"
	cp "$work/$1/mosquitto_pub" "$work/$1/mosquitto_sub"
	cp "$work/$1/mosquitto_pub" "$work/$1/mosquitto_rr"
}

# refused TEXT COMMAND…: shows a command. Its output must contain TEXT, else the demo fails.
refused() {
	text=$1
	shift
	show "$@" >"$work/said" 2>&1 || true
	cat "$work/said"
	grep -qF "$text" "$work/said"
}

# await FILE TEXT: returns when the file contains TEXT.
await() {
	attempt=0
	until grep -qF "$2" "$1"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 200 ]
		sleep 0.1
	done
}

say "Make a certificate authority, and a certificate for the broker"
show "$root/broker/certificates.sh" ca "$files"
show "$root/broker/certificates.sh" broker "$files" localhost 127.0.0.1

say "Add users: two hosts, pm-cluster, an operator and viewers"
for user in "$host agent" "attic agent" "pm-cluster cluster" "olive operator" "victor viewer" "mia viewer"; do
	# shellcheck disable=SC2086 # a name and a role
	show "$root/broker/user.sh" add "$files" $user
done
echo "Rights can be added by hand: mia may send requests to attic, also through the hub"
printf 'topic write pm/hub/control\ntopic write pm/attic/control\n' | tee -a "$files/acl"

say "Start the hardened broker with the hub, an agent called $host, and pm-cluster"
start_broker
for name in agent cluster; do
	user=$host
	[ $name = agent ] || user=pm-cluster
	cat >"$work/$name.json" <<END
{"broker":"mqtts://localhost:$port","user":"$user","password_file":"$files/$user.password","ca":"$files/ca.pem"}
END
done
show cat "$work/agent.json"
"$bin/pm-agent" --host "$host" --config "$work/agent.json" --state-dir "$work/state" >"$work/agent.log" 2>&1 &
agent=$!
"$bin/pm-cluster" --config "$work/cluster.json" --state-dir "$work/cluster" >"$work/cluster.log" 2>&1 &
cluster=$!
await "$work/agent.log" "connected to mqtts://"
await "$work/cluster.log" "connected to mqtts://"

say "The operator starts processes with pmctl and with mosquitto_pub"
become olive
show mosquitto_sub -t "pm/$host/status" -C 1 -W 20
show "$bin/pmctl" start "$host" --name web -- sleep 1000
show mosquitto_pub -q 1 -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
show mosquitto_rr -W 20 -t pm/hub/control -e pm/reply/olive/1 -m "{\"host_name\":\"$host\",\"list_active_processes\":{}}"
show "$bin/pmctl" node ls

say "The viewer may read all and change nothing"
become victor
show "$bin/pmctl" ps
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
refused "Not authorized" mosquitto_pub -q 1 -t pm/hub/control -m "{\"host_name\":\"$host\",\"stop_process\":{\"pid\":1}}"
refused "not authorized" "$bin/pmctl" stop "$host" web

say "A host may publish only its own topics"
become attic
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/health" -m '{"health":"good"}'
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"method":"shutdown"}'
refused "Not authorized" mosquitto_pub -i "pm-agent-$host" -t pm/attic/health -m '{}'

say "The hub refuses a request that the ACL refuses"
become mia
refused '"error_message":"not authorized"' mosquitto_rr -W 20 -t pm/hub/control -e pm/reply/mia/1 \
	-m "{\"host_name\":\"$host\",\"start_process\":{\"path\":\"/bin/true\"}}"

say "No answer is sent to a topic that the requester may not publish on"
become olive
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"method":"get_health","reply_to":"pm/attic/response"}'
echo "The broker's log of the refusals:"
grep -h 'not authorized' "$work/broker.log" | cut -d ' ' -f 2-

say "A broker with a certificate of another authority is refused"
show "$root/broker/certificates.sh" ca "$work/stranger"
PM_CA=$work/stranger/ca.pem
refused "the broker's certificate is refused" "$bin/pmctl" hosts
PM_CA=$files/ca.pem

say "Stop a process"
show "$bin/pmctl" stop "$host" web
show "$bin/pmctl" ps

say "Everything is taken down again"
