#!/bin/sh
# Gives somebody a password and rights at the broker of broker/secure, or takes them away.
#
# usage: broker/user.sh add DIR NAME agent            a host of this name: speaks for itself and for nobody else
#        broker/user.sh add DIR NAME guest HOST...    the nodes and VMs of these names
#        broker/user.sh add DIR NAME operator         may ask everything of hosts, nodes, VMs and the hub, and read all
#        broker/user.sh add DIR NAME viewer           may read all
#        broker/user.sh add DIR NAME cluster          pm-cluster
#        broker/user.sh remove DIR NAME
#
# DIR/passwords and DIR/acl are the broker's, which reads them at SIGHUP. DIR/NAME.password is for that user: password_file.
# PM_BROKER_GROUP (mosquitto) is the group that may read the broker's files, where there is one.
set -eu
umask 077
LC_ALL=C
export LC_ALL

fail() {
	echo "user.sh: $1" >&2
	exit 1
}

usage() { fail "usage: add DIR NAME agent|guest HOST...|operator|viewer|cluster, or remove DIR NAME"; }

# check NAME: as a level of a topic, so no wildcard, slash or space.
check() {
	case $1 in
	*[!A-Za-z0-9._-]* | [!A-Za-z0-9]* | '') fail "\"$1\" is no name: 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first" ;;
	hub | cluster | reply) fail "nobody is called $1: topics begin so" ;;
	esac
	[ ${#1} -le 63 ] || fail "\"$1\" is longer than 63"
}

# host NAME: what an agent of that name says and hears. It may ask nothing of anybody, itself included.
host() {
	check "$1"
	printf 'topic %s\n' "read pm/$1/control" "readwrite pm/$1/status" "readwrite pm/$1/process/+" \
		"write pm/$1/info" "write pm/$1/health" "write pm/$1/response" "write pm/$1/audit" "write pm/$1/log/+/+"
}

# What agents share: where those listen who have asked. What pm-clusters say to each other is none of it.
answers() { printf 'topic %s\n' 'write pm/hub/response' 'write pm/reply/#' 'deny pm/reply/cluster/#'; }

# rights NAME ROLE HOST...
rights() {
	name=$1 role=$2
	shift 2
	case $role in
	guest) [ $# -gt 0 ] || fail "a guest's nodes and VMs must be named" ;;
	*) [ $# -eq 0 ] || usage ;;
	esac
	echo "# $role"
	echo "user $name"
	case $role in
	agent)
		host "$name"
		answers
		;;
	guest)
		for guest in "$@"; do host "$guest"; done
		answers
		;;
	operator) printf 'topic %s\n' 'read pm/#' 'write pm/+/control' 'write pm/cluster/+/control' "write pm/reply/$name/#" ;;
	viewer) printf 'topic %s\n' 'read pm/#' "write pm/reply/$name/#" ;;
	cluster) printf 'topic %s\n' 'readwrite pm/#' 'deny pm/hub/hosts' 'deny pm/hub/status' ;;
	*) usage ;;
	esac
}

# without NAME: the ACL less that user's part, which ends where the next one's begins.
without() {
	awk -v name="$1" '
		/^(#|$)/ { held = held $0 "\n"; next }
		/^user / { skips = $0 == "user " name }
		!skips { printf "%s%s\n", held, $0 }
		{ held = "" }
		END { printf "%s", held }' acl
}

# replace FILE: with what comes in, at once, and readable by the broker.
replace() {
	cat >"$1.new"
	if [ "$(id -u)" = 0 ] && getent group "${PM_BROKER_GROUP:-mosquitto}" >/dev/null; then
		chgrp "${PM_BROKER_GROUP:-mosquitto}" "$1.new"
		chmod 640 "$1.new"
	fi
	mv "$1.new" "$1"
}

[ $# -ge 3 ] || usage
action=$1 dir=$2 name=$3
shift 3
check "$name"
mkdir -p "$dir"
cd "$dir"
[ -e acl ] || echo '# Who may do what: see broker/user.sh.' | replace acl
[ -e passwords ] || : | replace passwords
case $action in
add)
	[ $# -ge 1 ] || usage
	! grep -qxF "user $name" acl || fail "$name is there already"
	added=$(rights "$name" "$@")
	# Never an argument of a program: all on this machine could read it there.
	openssl rand -base64 24 >"$name.password"
	{ printf '%s:' "$name"; cat "$name.password"; } >hashed.new
	mosquitto_passwd -U hashed.new
	{ awk -F: -v name="$name" '$1 != name' passwords; cat hashed.new; } | replace passwords
	rm -f hashed.new
	{ cat acl; printf '\n%s\n' "$added"; } | replace acl
	echo "$dir/$name.password"
	;;
remove)
	[ $# -eq 0 ] || usage
	without "$name" | replace acl
	awk -F: -v name="$name" '$1 != name' passwords | replace passwords
	rm -f "$name.password"
	;;
*) usage ;;
esac
