#!/bin/sh
# Runs the shell examples of a document word by word, in order, in one shell, as a reader would on a fresh host where
# pmqtt is installed below /usr.
#
# usage: scripts/run-document.sh DOCUMENT [BIN]      BIN: the built programs; default: .build/release
#
# It needs root. The examples see a copy of the root directory that is thrown away, a network, processes and a /tmp of
# their own, and broker.example at 127.0.0.1. They start in a copy of this repository.
#
# A block is run if its fence says ```sh. Lines above the fence and comments say what is special:
#
#   <!-- not run: REASON -->                     the block is left out
#   <!-- not run: REASON; instead: COMMAND -->   COMMAND is run in its place
#   COMMAND   # shows: TEXT                      it only reads, and is repeated until it prints TEXT
#   COMMAND   # refused: …                       it must fail
#
# A command that goes on until Ctrl-C is ended as soon as it has printed something, or TEXT. After a broker or an agent
# was started in the background, the next command waits until it is connected.
set -eu

fail() {
	echo "run-document.sh: $1" >&2
	exit 1
}

# blocks: a shell script of the blocks in the document on stdin, with a line `echo "--- line NUMBER"` before each.
blocks() {
	awk '
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
				printf "echo \"--- line %d, replaced\"\n", NR
				first(substr(note, RSTART + RLENGTH))
				last(substr(note, RSTART + RLENGTH))
			}
			note = ""
			next
		}
		inside && /^```$/ { inside = 0; next }
		inside && runs { line($0) }
		!inside && !/^$/ { note = "" }

		function line(text) {
			if (end != "") {
				print text
				if (text == end) end = ""
				return
			}
			if (match(text, /<<'\''?[A-Z]+/)) {
				end = substr(text, RSTART, RLENGTH)
				gsub(/[^A-Z]/, "", end)
			}
			if (command == "" && special(text)) return
			if (command == "") first(text)
			else print text
			command = command text
			if (text ~ /\\$/) return
			last(command)
			command = ""
		}
		# first LINE: prints the first line of a command.
		function first(text) {
			if (text ~ /^mosquitto /) print "listening=$(listeners)"
			print text
		}
		# last COMMAND: what follows a whole command.
		function last(text) {
			if (text !~ /&$/) return
			if (text ~ /^mosquitto /) print "up '\''[ $(listeners) -gt $listening ]'\''"
			if (text ~ /^pm-(agent|cluster) /) print "agents=$((${agents-0} + 1)); up '\''[ $(connected) -ge $agents ]'\''"
		}
		function special(text, expected) {
			if (match(text, / # shows: /)) {
				expected = substr(text, RSTART + RLENGTH)
				text = substr(text, 1, RSTART - 1)
			}
			if (text ~ / # refused/) call("refused", "", text)
			else if (endless(text)) call("watched", expected, text)
			else if (expected != "") call("shows", expected, text)
			else return 0
			return 1
		}
		function call(name, expected, text) { printf "%s <<'\''END-OF-CALL'\''\n%s\n%s\nEND-OF-CALL\n", name, expected, text }
		# Whether it is a command that ends at Ctrl-C only.
		function endless(text) {
			sub(/ +# .*/, "", text)
			if (text ~ /[&\\]$/ || text ~ /[|>]/) return 0
			if (text ~ /^pmctl watch/) return text !~ / --count /
			if (text ~ /^pmctl logs .*(-f|--follow)( |$)/ || text ~ /^pmctl vm console/) return 1
			return text ~ /^mosquitto_sub / && text !~ / -C /
		}'
}

# The functions that the script uses.
prelude() {
	cat <<'END'
listeners() { cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == "0A"' | wc -l; }
connected() { grep -c 'connected to [a-z]*://' /tmp/.output || true; }
# up CONDITION: waits until it is true.
up() {
	deadline=$(($(date +%s) + 60))
	until eval "$1"; do
		[ "$(date +%s)" -lt $deadline ] || { cat /tmp/.shown 2>/dev/null || true; echo "not in time: ${expected-$1}"; exit 1; }
		sleep 0.05
	done
	unset expected
}
has_shown() { [ -s /tmp/.shown ] && grep -qF -- "$expected" /tmp/.shown; }
shows() {
	read -r expected
	read -r command
	up 'eval "$command" >/tmp/.shown 2>&1 </dev/null; has_shown'
	cat /tmp/.shown
}
watched() {
	read -r expected
	read -r command
	: >/tmp/.shown
	eval "$command" >/tmp/.shown 2>&1 </dev/null &
	watched=$!
	up has_shown
	kill $watched
	wait $watched || true
	cat /tmp/.shown
}
refused() {
	read -r nothing
	read -r command
	! eval "$command" </dev/null || { echo "not refused: $command" >&2; exit 1; }
}
set -eu
export HOME=/root
cd /srv/pmqtt
END
}

# inside WORK OUTPUT ROOT BIN DOCUMENT: in the new namespaces, runs the document. ROOT is the repository.
inside() {
	work=$1 output=$2 root=$3 bin=$4 document=$5
	mount -t tmpfs none "$work"
	mkdir "$work/upper" "$work/work" "$work/root"
	mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" none "$work/root"
	new=$work/root
	for folder in tmp run; do mount -t tmpfs none "$new/$folder"; done
	chmod 1777 "$new/tmp"
	mount -t proc none "$new/proc"
	mount --rbind /dev "$new/dev"
	make -s -C "$root" -o build install BIN="$bin" PREFIX=/usr DESTDIR="$new" >&2
	# As systemd-sysusers and systemd-tmpfiles do.
	for user in pm pm-cluster pm-qemu; do
		chroot "$new" getent passwd $user >/dev/null || chroot "$new" useradd --system --no-create-home $user
	done
	install -d -o mosquitto "$new/run/mosquitto"
	home=$new/srv/pmqtt
	mkdir -p "$home/.build/release" "$new/etc/pmqtt"
	for name in broker docs examples scripts README.md; do cp -r "$root/$name" "$home"; done
	mount --bind "$bin" "$home/.build/release"
	echo '127.0.0.1 localhost broker.example' >"$new/etc/hosts"
	ip link set lo up
	: >"$new/tmp/.output"
	mount --bind "$output" "$new/tmp/.output"
	{ prelude && blocks <"$document" && echo 'echo "--- end"'; } >"$new/tmp/.script"
	status=0
	env -i PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin LANG=C.UTF-8 \
		chroot "$new" /bin/sh -c 'exec /bin/sh /tmp/.script >>/tmp/.output 2>&1' || status=$?
	exit $status
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
fi
[ $# -ge 1 ] || fail "usage: scripts/run-document.sh DOCUMENT [BIN]"
[ "$(id -u)" = 0 ] || fail "only root can make the namespaces for the examples"
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${2:-$root/.build/release}" && pwd)
case $1 in /*) document=$1 ;; *) document=$root/$1 ;; esac
[ -f "$document" ] || fail "there is no $document"
work=$(mktemp -d) output=$(mktemp)
status=0
# This shell's child is process 1 of the new namespace: with its end, all that the examples have started ends. A command
# that waits for something that does not happen must not wait for ever.
timeout --foreground -k 5 "${PM_DOCUMENT_SECONDS:-300}" unshare --mount --net --ipc --pid --fork --kill-child --mount-proc \
	"$root/scripts/run-document.sh" --inside "$work" "$output" "$root" "$bin" "$document" || status=$?
cat "$output"
rm "$output"
rmdir "$work"
exit $status
