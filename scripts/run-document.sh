#!/bin/sh
# Runs the shell examples of a document word by word, in order, in one shell, as a reader would on a fresh host where
# pmqtt is installed below /usr.
#
# usage: scripts/run-document.sh DOCUMENT [BIN]      BIN: the built programs; default: .build/release
#
# It needs root. The examples see a copy of the root directory that is thrown away, network, processes and /tmp of their
# own, and broker.example at 127.0.0.1. They start in a copy of this repository.
#
# A block is run if its fence says ```sh. `<!-- not run: REASON -->` in the line above the fence leaves it out, and
# `<!-- not run: REASON; instead: COMMAND -->` runs COMMAND in its place. A command that goes on until Ctrl-C is ended as
# soon as it has printed something, and one with the comment `# refused` must fail. After a broker or an agent was started in the background, the next command waits
# until it is connected.
set -eu

fail() {
	echo "run-document.sh: $1" >&2
	exit 1
}

# blocks: the shell script of the document on stdin, a line `echo "--- NUMBER"` before each block.
blocks() {
	awk '
		function flush_command() { logical = "" }
		!inside && /^<!-- not run: / {
			note = $0
			sub(/^<!-- not run: /, "", note)
			sub(/ -->$/, "", note)
			next
		}
		!inside && /^```/ {
			inside = 1
			runs = $0 == "```sh" && note == ""
			if (runs) printf "echo \"--- line %d\"\n", NR
			if ($0 == "```sh" && match(note, /; instead: /)) {
				command = substr(note, RSTART + RLENGTH)
				printf "echo \"--- line %d, replaced\"\n", NR
				if (command ~ /^mosquitto /) print "listening=$(listeners)"
				print command
				started(command)
			}
			note = ""
			next
		}
		inside && /^```$/ { inside = 0; flush_command(); next }
		inside && runs {
			if (end != "") {
				print
				if ($0 == end) end = ""
				next
			}
			if (match($0, /<<'\''?[A-Z]+/)) {
				end = substr($0, RSTART, RLENGTH)
				gsub(/[^A-Z]/, "", end)
			}
			if (/ # refused/) { print "if " $0 "\nthen echo \"this was not refused\"; exit 1; fi"; next }
			if (logical == "" && endless($0)) { print "watched " $0; next }
			if (logical == "" && /^mosquitto /) print "listening=$(listeners)"
			print
			logical = logical $0
			if ($0 ~ /\\$/) next
			started(logical)
			logical = ""
			next
		}
		!inside && !/^$/ { note = "" }
		function started(command) {
			if (command !~ /&$/) return
			if (command ~ /^mosquitto /) print "up \"[ \\$(listeners) -gt $listening ]\""
			if (command ~ /^pm-(agent|cluster) /) print "agents=$((${agents-0} + 1)); up \"[ \\$(connected) -ge $agents ]\""
		}
		# Whether the line is a command that ends at Ctrl-C only.
		function endless(line) {
			sub(/ +# .*/, "", line)
			if (line ~ /[&\\]$/ || line ~ /[|>]/) return 0
			if (line ~ /^pmctl watch/) return line !~ / --count /
			if (line ~ /^pmctl logs .*(-f|--follow)( |$)/ || line ~ /^pmctl vm console/) return 1
			return line ~ /^mosquitto_sub / && line !~ / -C /
		}'
}

# Inside: the namespaces exist. $work is outside of the new root, $1 is the repository, $2 the programs.
inside() {
	mount -t tmpfs none "$work"
	mkdir "$work/upper" "$work/work" "$work/root"
	mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" none "$work/root"
	new=$work/root
	for folder in tmp run; do mount -t tmpfs none "$new/$folder"; done
	chmod 1777 "$new/tmp"
	mount -t proc none "$new/proc"
	mount --rbind /dev "$new/dev"
	make -s -C "$1" -o build install BIN="$2" PREFIX=/usr DESTDIR="$new" >&2
	home=$new/srv/pmqtt
	mkdir -p "$home/.build/release" "$new/etc/pmqtt"
	# As systemd-tmpfiles does for Debian's mosquitto.
	install -d -o mosquitto "$new/run/mosquitto"
	for name in broker docs examples scripts README.md; do cp -r "$1/$name" "$home"; done
	mount --bind "$2" "$home/.build/release"
	echo '127.0.0.1 localhost broker.example' >"$new/etc/hosts"
	for user in pm pm-cluster pm-qemu; do
		chroot "$new" getent passwd $user >/dev/null || chroot "$new" useradd --system --no-create-home $user
	done
	ip link set lo up
	: >"$new/tmp/.output"
	{
		cat <<'END'
listeners() { cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == "0A"' | wc -l; }
connected() { grep -c 'connected to ' /tmp/.output; }
# up CONDITION: waits until it is true.
up() {
	attempt=0
	until eval "$1"; do
		attempt=$((attempt + 1))
		[ $attempt -lt 600 ] || { echo "not true in time: $1" >&2; exit 1; }
		sleep 0.05
	done
}
# watched COMMAND…: runs a command that does not end, until it has printed a line.
watched() {
	rm -f /tmp/.watched
	"$@" >/tmp/.watched 2>&1 &
	watched=$!
	up "[ -s /tmp/.watched ]"
	kill $watched
	wait $watched || true
	cat /tmp/.watched
}
set -eu
export HOME=/root
cd /srv/pmqtt
END
		blocks <"$1/$3"
		echo 'echo "--- end"'
	} >"$new/tmp/.script"
	status=0
	env -i PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin LANG=C.UTF-8 \
		chroot "$new" /bin/sh -c 'exec /bin/sh /tmp/.script >/tmp/.output 2>&1' || status=$?
	cat "$new/tmp/.output"
	# Only processes of this namespace: in it, this shell is process 1. Those of the agents are ended with it.
	exit $status
}

if [ "${1-}" = --inside ]; then
	work=$2
	shift 2
	inside "$@"
fi
[ $# -ge 1 ] || fail "usage: scripts/run-document.sh DOCUMENT [BIN]"
[ "$(id -u)" = 0 ] || fail "only root can make the namespaces for the examples"
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${2:-$root/.build/release}" && pwd)
[ -f "$root/$1" ] || fail "there is no $root/$1"
work=$(mktemp -d)
status=0
unshare --mount --net --ipc --pid --fork --kill-child --mount-proc "$root/scripts/run-document.sh" --inside "$work" "$root" "$bin" "$1" ||
	status=$?
rmdir "$work"
exit $status
