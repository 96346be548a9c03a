#!/bin/sh
# Adds or removes a user of the broker in broker/secure: a password, and the rights of a role. Installed as pmqtt-user.
#
# usage: broker/user.sh add DIR NAME agent            the agent of the host NAME
#        broker/user.sh add DIR NAME guest HOST...    the agents of the nodes and VMs with these names
#        broker/user.sh add DIR NAME operator         may send all requests, also to the hub and pm-cluster, and read all
#        broker/user.sh add DIR NAME viewer           may read all
#        broker/user.sh add DIR NAME cluster          pm-cluster
#        broker/user.sh remove DIR NAME
#        broker/user.sh update DIR [NAME...]         gives users that an older version has added the rights of this one
#
# `update` without a name is for all users. It leaves lines that were written by hand as they are, and adds no right that
# was removed or commented out by hand; of the rights that are newer than 0.2.0, it only knows which were commented out.
# It prints the names of the users whose rights have changed.
#
# The broker reads DIR/passwords and DIR/acl at its start and at SIGHUP. DIR/NAME.password is the user's password_file.
# PM_BROKER_GROUP (default: mosquitto) is the group that may read the broker's files, if it exists.
set -eu
umask 077
LC_ALL=C
export LC_ALL

fail() {
	echo "${0##*/}: $1" >&2
	exit 1
}

usage() {
	fail "usage: add DIR NAME agent|guest HOST...|operator|viewer|cluster, or remove DIR NAME, or update DIR [NAME...]"
}

# check NAME: fails unless NAME can be a level of a topic, so without wildcard, slash or space.
check() {
	case $1 in
	*[!A-Za-z0-9._-]* | [!A-Za-z0-9]* | '') fail "invalid name \"$1\": 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first" ;;
	hub | cluster | reply) fail "\"$1\" is a reserved name" ;;
	esac
	[ ${#1} -le 63 ] || fail "\"$1\" is longer than 63 characters"
}

# host NAME: the topics of an agent of that name. It may send no requests, not even to itself.
host() {
	check "$1"
	printf 'topic %s\n' "read pm/$1/control" "read pm/$1/watch" "readwrite pm/$1/status" "readwrite pm/$1/process/+" \
		"write pm/$1/info" "readwrite pm/$1/health" "write pm/$1/response" "write pm/$1/audit" "write pm/$1/log/+/+" \
		"write pm/$1/event" "write pm/$1/usage"
}

# The topics for answers, the same for all agents, without the topic that pm-clusters use among themselves.
answers() { printf 'topic %s\n' 'write pm/hub/response' 'write pm/reply/#' 'deny pm/reply/cluster/#'; }

# rights NAME ROLE HOST...
rights() {
	name=$1 role=$2
	shift 2
	case $role in
	guest) [ $# -gt 0 ] || fail "a guest needs the names of its nodes and VMs" ;;
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
	operator) printf 'topic %s\n' 'read pm/#' 'write pm/+/control' 'write pm/+/watch' 'write pm/cluster/+/control' "write pm/reply/$name/#" ;;
	viewer) printf 'topic %s\n' 'read pm/#' 'write pm/+/watch' "write pm/reply/$name/#" ;;
	cluster) printf 'topic %s\n' 'readwrite pm/#' 'deny pm/hub/hosts' 'deny pm/hub/status' 'deny pm/hub/host/#' ;;
	*) usage ;;
	esac
}

# later NAME ROLE HOST...: those of the rights that version 0.2.0 did not write.
later() {
	name=$1 role=$2
	shift 2
	case $role in
	agent) set -- "$name" ;;
	operator | viewer) echo 'topic write pm/+/watch' ;;
	cluster) echo 'topic deny pm/hub/host/#' ;;
	esac
	for host in "$@"; do
		printf 'topic %s\n' "read pm/$host/watch" "readwrite pm/$host/health" "write pm/$host/event" "write pm/$host/usage"
	done
}

# former NAME ROLE HOST...: lines of older versions that later ones have replaced.
former() {
	name=$1 role=$2
	shift 2
	[ "$role" != agent ] || set -- "$name"
	for host in "$@"; do echo "topic write pm/$host/health"; done
}

# of_user NAME FUNCTION...: the output of each function (rights, later, former) for a user that `add` has added, by the
# role in the line above the user's block; nothing for other users.
of_user() {
	user=$1
	shift
	role=$(awk -v line="user $user" '$0 == line { print role; exit } { role = substr($0, 3) }' acl)
	case $role in
	agent | operator | viewer | cluster) guests= ;;
	guest)
		guests=$(awk -v line="user $user" '
			/^user / { counts = $0 == line }
			counts && match($0, /^topic read pm\/[A-Za-z0-9._-]+\/control$/) { print substr($0, 15, RLENGTH - 22) }' acl)
		[ -n "$guests" ] || return 0
		;;
	*) return 0 ;;
	esac
	# shellcheck disable=SC2086  # one word each
	for function in "$@"; do "$function" "$user" "$role" $guests; done
}

# added: the names of all users that `add` has added.
added() { awk '/^user / && role ~ /^# (agent|guest|operator|viewer|cluster)$/ { print substr($0, 6) } { role = $0 }' acl; }

# updated NAME: the ACL with the rights of this version in the block that `add` has written for that user.
updated() {
	of_user "$1" rights >own.new
	of_user "$1" later >later.new
	of_user "$1" former >former.new
	awk -v name="$1" '
		{ line = $0; gsub(/^[ \t]+|[ \t\r]+$/, "", line) }
		FILENAME == "own.new" { own[line]; next }
		FILENAME == "later.new" { later[++count] = line; next }
		FILENAME == "former.new" { former[line]; next }
		pass == 1 && line ~ /^user[ \t]/ { is_own = $0 == "user " name && role ~ /^# (agent|guest|operator|viewer|cluster)$/ }
		pass == 1 && is_own && line ~ /^(user|topic)/ && line in own { last = FNR }
		pass == 1 && is_own { sub(/^#[ \t]*/, "", line); has[line] }
		pass == 1 { inside[FNR] = is_own; role = $0; next }
		!(inside[FNR] && line in former) { print }
		FNR == last { for (i = 1; i <= count; i++) if (!(later[i] in has)) print later[i] }
		' own.new later.new former.new pass=1 acl pass=2 acl
	rm -f own.new later.new former.new
}

# without NAME: the ACL without the lines that `add` has written for that user. Lines written by hand stay: patterns
# (which apply to all users), comments and empty lines unchanged, and rights as comments, else they would go to the user
# before.
without() {
	of_user "$1" rights former >written.new
	awk -v name="$1" '
		function flush(i) { for (i = 1; i <= count; i++) print held[i]; count = 0 }
		FILENAME == ARGV[1] { own[$0]; next }
		/^#/ || /^[ \t\r]*$/ { held[++count] = $0; next }
		{ line = $0; gsub(/^[ \t]+|[ \t\r]+$/, "", line); word = line; sub(/[ \t].*/, "", word) }
		word == "user" {
			sub(/^user[ \t]+/, "", line)
			skips = line "" == name ""
			is_own = skips && count && held[count] ~ /^# (agent|guest|operator|viewer|cluster)$/
			if (is_own) {
				count--
				if (count && held[count] == "") count--
				flush()
				next
			}
		}
		{ flush() }
		!skips || word == "pattern" { print; next }
		!($0 in own) { printf "# %s had: %s\n", name, $0 }
		END { flush() }' written.new acl
	rm -f written.new
}

# has NAME: whether the ACL has a block for that user, also if it was written by hand.
has() {
	awk -v name="$1" '
		{ gsub(/^[ \t]+|[ \t\r]+$/, "") }
		sub(/^user[ \t]+/, "") && $0 "" == name "" { found = 1 }
		END { exit !found }' acl
}

# forget NAME: the passwords without that of NAME.
forget() { awk -F: -v name="$1" '$1 "" != name ""' passwords; }

# replace FILE: replaces FILE atomically with stdin, readable for the broker.
replace() {
	cat >"$1.new"
	if [ "$(id -u)" = 0 ] && getent group "${PM_BROKER_GROUP:-mosquitto}" >/dev/null; then
		chgrp "${PM_BROKER_GROUP:-mosquitto}" "$1.new"
		chmod 640 "$1.new"
	fi
	mv "$1.new" "$1"
}

[ $# -ge 2 ] || usage
action=$1 dir=$2
shift 2
if [ "$action" != update ]; then
	[ $# -ge 1 ] || usage
	name=$1
	shift
	check "$name"
	mkdir -p "$dir"
fi
[ "$action" != update ] || [ -e "$dir/acl" ] || fail "$dir/acl is missing"
cd "$dir"
[ -e acl ] || echo '# Written by broker/user.sh.' | replace acl
[ -e passwords ] || : | replace passwords
case $action in
add)
	[ $# -ge 1 ] || usage
	! has "$name" || fail "$name already exists"
	added=$(rights "$name" "$@")
	# Not as an argument of a program, which every user of this host could read.
	openssl rand -base64 24 >"$name.password"
	{ printf '%s:' "$name"; cat "$name.password"; } >hashed.new
	mosquitto_passwd -U hashed.new
	{ forget "$name"; cat hashed.new; } | replace passwords
	rm -f hashed.new
	{ cat acl; printf '\n%s\n' "$added"; } | replace acl
	echo "$dir/$name.password"
	;;
remove)
	[ $# -eq 0 ] || usage
	without "$name" | replace acl
	forget "$name" | replace passwords
	rm -f "$name.password"
	;;
update)
	for name in "$@"; do added | grep -qxF -- "$name" || fail "$name has no block that add has written"; done
	# shellcheck disable=SC2046  # one word each
	[ $# -gt 0 ] || set -- $(added)
	for name in "$@"; do
		updated "$name" >updated.new
		if ! cmp -s acl updated.new; then
			replace acl <updated.new
			echo "$name"
		fi
		rm -f updated.new
	done
	;;
*) usage ;;
esac
