#!/bin/sh
# Brings up the hardened broker with the hub inside, one agent and pm-cluster, all by TLS and with a name and a password each, on
# a free loopback port and in a temporary folder, and shows who may do what: an operator, a viewer, a host and a stranger.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:-$root/.build/release}" && pwd)
host=${PM_DEMO_HOST:-demo}
# shellcheck source=scripts/demo-common.sh
. "$root/scripts/demo-common.sh"
files=$work/broker

configure() {
	sed -e "s|^listener .*|listener $port 127.0.0.1|" -e "s|^plugin .*|plugin $bin/libpm_hub.so|" \
		-e "s|^persistence_location .*|persistence_location $work/|" -e "s|/etc/mosquitto/pmqtt/|$files/|" \
		-e "s|broker\.pem|localhost.pem|" -e "s|broker\.key|localhost.key|" "$root/broker/secure/mosquitto.conf"
}
# A TLS handshake, and no word of MQTT.
probe() { openssl s_client -connect "127.0.0.1:$port" </dev/null >/dev/null 2>&1; }

# become NAME: who speaks from now on. The clients find all they need in files and variables: no password is an argument.
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

# refused TEXT COMMAND…: shows it; it must say the text, or the demo fails.
refused() {
	text=$1
	shift
	show "$@" >"$work/said" 2>&1 || true
	cat "$work/said"
	grep -qF "$text" "$work/said"
}

# await FILE TEXT: returns when the file holds the text.
await() {
	attempt=0
	until grep -qF "$2" "$1"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 200 ]
		sleep 0.1
	done
}

say "An authority of our own, and a certificate for the broker"
show "$root/broker/certificates.sh" ca "$files"
show "$root/broker/certificates.sh" broker "$files" localhost 127.0.0.1

say "A password and rights for each: two hosts, pm-cluster, an operator and a viewer"
for user in "$host agent" "attic agent" "pm-cluster cluster" "olive operator" "victor viewer" "mia viewer"; do
	# shellcheck disable=SC2086 # a name and a role
	show "$root/broker/user.sh" add "$files" $user
done
echo "And rights of your own: mia may ask attic, also through the hub"
printf 'topic write pm/hub/control\ntopic write pm/attic/control\n' | tee -a "$files/acl"

say "The hardened broker with the hub inside, an agent called $host, and pm-cluster"
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

say "The operator starts a process, by pmctl and by mosquitto_pub"
become olive
show mosquitto_sub -t "pm/$host/status" -C 1 -W 20
show "$bin/pmctl" start "$host" --name web -- sleep 1000
show mosquitto_pub -q 1 -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
show mosquitto_rr -W 20 -t pm/hub/control -e pm/reply/olive/1 -m "{\"host_name\":\"$host\",\"list_active_processes\":{}}"
show "$bin/pmctl" node ls

say "The viewer sees it all, and may do nothing"
become victor
show "$bin/pmctl" ps
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"start_process":{"path":"/bin/sleep","args":["1000"]}}'
refused "Not authorized" mosquitto_pub -q 1 -t pm/hub/control -m "{\"host_name\":\"$host\",\"stop_process\":{\"pid\":1}}"
refused "not authorized" "$bin/pmctl" stop "$host" web

say "A host speaks for itself and for nobody else"
become attic
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/health" -m '{"health":"good"}'
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"method":"shutdown"}'
refused "Not authorized" mosquitto_pub -i "pm-agent-$host" -t pm/attic/health -m '{}'

say "The hub refuses what the broker's ACL refuses"
become mia
refused '"error_message":"not authorized"' mosquitto_rr -W 20 -t pm/hub/control -e pm/reply/mia/1 \
	-m "{\"host_name\":\"$host\",\"start_process\":{\"path\":\"/bin/true\"}}"

say "Nobody has an answer sent where he may not publish himself"
become olive
refused "Not authorized" mosquitto_pub -q 1 -t "pm/$host/control" -m '{"method":"get_health","reply_to":"pm/attic/response"}'
echo "What the broker's log says of it:"
grep -h 'not authorized' "$work/broker.log" | cut -d ' ' -f 2-

say "A broker for which somebody else vouches is not believed"
show "$root/broker/certificates.sh" ca "$work/stranger"
PM_CA=$work/stranger/ca.pem
refused "the broker's certificate is refused" "$bin/pmctl" hosts
PM_CA=$files/ca.pem

say "Stop what was started"
show "$bin/pmctl" stop "$host" web
show "$bin/pmctl" ps

say "Everything is taken down again"
