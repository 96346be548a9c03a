#!/bin/sh
# Installs the Debian packages in a chroot without a Swift toolchain, starts a broker with the hub, an agent and pmctl
# there, and purges the packages. Fails if a program does not work, or if a file of pmqtt is left.
#
# usage: scripts/try-packages.sh SUITE DEB    as root
#   SUITE  of Debian: bookworm, trixie; or of Ubuntu: jammy, noble
#   DEB    the folder of the packages
#
# PM_CHROOTS: the folder of the chroots, which are kept for the next time (default: /var/tmp/pmqtt-chroots).
# PM_MIRROR: of the distribution.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
umask 022

suite=$1
deb=$(cd "$2" && pwd)
chroots=${PM_CHROOTS:-/var/tmp/pmqtt-chroots}
root=$chroots/$suite
mkdir -p "$chroots"

case $suite in
jammy | noble)
	mirror=${PM_MIRROR:-http://archive.ubuntu.com/ubuntu}
	options=--components=main,universe
	sysusers=systemd
	;;
*)
	mirror=${PM_MIRROR:-}
	options=
	sysusers=systemd-standalone-sysusers
	;;
esac
if [ ! -e "$root.done" ]; then
	echo "installing $suite in $root"
	rm -rf "$root"
	# shellcheck disable=SC2086  # one option or none
	debootstrap --variant=minbase $options "$suite" "$root" $mirror >"$chroots/log" 2>&1 || { tail "$chroots/log" >&2; exit 1; }
	chroot "$root" apt-get install -qq -y --no-install-recommends mosquitto mosquitto-clients python3-minimal >"$chroots/log" 2>&1 ||
		{ tail "$chroots/log" >&2; exit 1; }
	touch "$root.done"
fi

# The files that a package may leave: those of Debian's own programs.
files() {
	find "$root" -xdev -path "$root/var/cache" -prune -o -path "$root/var/lib/dpkg" -prune -o -path "$root/var/lib/apt" -prune \
		-o -path "$root/var/log" -prune -o -path "$root/tmp" -prune -o -path "$root/proc" -prune -o -path "$root/run" -prune \
		-o -print | sort
}

# inside SCRIPT: runs a script in the chroot, in namespaces of its own: its broker can have the default port.
inside() {
	unshare --mount --pid --fork --net --kill-child sh -euc '
		mount -t proc proc "$1/proc"
		mount -t tmpfs tmpfs "$1/tmp"
		mount -t devtmpfs dev "$1/dev" 2>/dev/null || mount --rbind /dev "$1/dev"
		ip link set lo up
		exec chroot "$1" sh -euc "$2"' sh "$root" "$1"
}

# Their dependencies, which stay.
cp "$deb"/*.deb "$root/tmp"
packages=$(cd "$root/tmp" && ls -- *.deb | grep -v vm-image | sed 's|^|/tmp/|')
needed=$(for package in $packages; do dpkg-deb -f "$root$package" Depends; done | tr ',|' '\n\n' | sed 's/(.*//; s/ //g' | sort -u)
missing=
for package in $(echo "$needed" | grep -v '^systemd') $sysusers; do
	chroot "$root" dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# shellcheck disable=SC2086  # one word each
[ -z "$missing" ] || chroot "$root" apt-get install -qq -y --no-install-recommends $missing >"$chroots/log" 2>&1 ||
	{ tail "$chroots/log" >&2; exit 1; }
files >"$chroots/before"

echo "installing the packages in $suite"
# shellcheck disable=SC2086  # one word each
chroot "$root" dpkg -i $packages >"$chroots/log" 2>&1 || { tail "$chroots/log" >&2; exit 1; }
echo "glibc $(chroot "$root" dpkg-query -W -f='${Version}' libc6), mosquitto $(chroot "$root" dpkg-query -W -f='${Version}' mosquitto)"

inside '
	cp /usr/share/pmqtt/broker/hub.conf /etc/mosquitto/conf.d/pmqtt.conf
	mkdir -p /run/mosquitto && chown mosquitto /run/mosquitto
	mosquitto -d -c /etc/mosquitto/mosquitto.conf
	pm-agent --check-config --config /etc/pmqtt/agent.json --state-dir /var/lib/pmqtt
	PM_HOST=box pm-agent --config /etc/pmqtt/agent.json --state-dir /var/lib/pmqtt >/tmp/agent.log 2>&1 &
	agent=$!
	PM_BROKER=mqtt://127.0.0.1 pm-cluster --config /etc/pmqtt/cluster.json --state-dir /var/lib/pm-cluster >/tmp/cluster.log 2>&1 &
	waits=0
	until pmctl hosts 2>/dev/null | grep -q box; do
		waits=$((waits + 1))
		[ $waits -lt 300 ] || { cat /tmp/agent.log; exit 1; }
		sleep 0.1
	done
	pmctl start box --name clock -- sh -c "while date; do sleep 1; done"
	pmctl ps
	mosquitto_rr -h 127.0.0.1 -V mqttv5 -t pm/hub/control -e pm/reply/me -W 10 -m "{\"host_name\":\"box\",\"list_active_processes\":{}}"
	until pmctl logs box clock | grep -q :; do sleep 0.1; done
	pmctl node create blue
	pmctl node rm blue
	pmctl stop box clock
	kill $agent
	wait $agent
' || { echo "the packages do not work in $suite" >&2; exit 1; }

# shellcheck disable=SC2046  # one word each
chroot "$root" dpkg --purge $(for package in $packages; do dpkg-deb -f "$root$package" Package; done) >"$chroots/log" 2>&1 ||
	{ cat "$chroots/log" >&2; exit 1; }
rm -f "$root"/tmp/*.deb
files >"$chroots/after"
# What the broker has written is its own.
left=$(comm -13 "$chroots/before" "$chroots/after" | grep -v '/var/lib/mosquitto/mosquitto.db$' || true)
[ -z "$left" ] || { echo "the packages left in $suite:" && echo "$left"; exit 1; } >&2
echo "$suite: installed, used and purged"
