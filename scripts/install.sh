#!/bin/sh
# Installs pmqtt, or removes it: from a build (`make install`), or from the tarball, where it is ./install.sh.
#
# usage: install.sh install     over an older version as well: processes of a running agent keep running
#        install.sh uninstall   stops the agent and its processes; PURGE=1 also removes settings and state
#
# PREFIX    where to install (default: /usr/local); the settings are in /etc/pmqtt
# DESTDIR   a folder in place of / for packages: nothing outside of it is changed, and no service
# UNITDIR   for systemd's units (default: PREFIX/lib/systemd/system)
# BIN       the folder of the programs (default: bin beside this script), IMAGE that of the VM image
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# In the repository this script is in scripts, in the tarball beside the other folders.
root=$here
[ -d "$root/broker" ] || root=$(dirname "$here")
prefix=${PREFIX:-/usr/local}
dest=${DESTDIR:-}
units=${UNITDIR:-$prefix/lib/systemd/system}
bin=${BIN:-$here/bin}
image=${IMAGE:-$here/vm-image}
# One installed file or made folder a line, without DESTDIR; folders end in a slash, and the innermost come first.
list=$prefix/lib/pmqtt/files

# put MODE SOURCE TARGET: replaces TARGET atomically, because a running agent may execute it.
put() {
	folder=$(dirname "$3")
	while [ "$folder" != / ] && [ ! -d "$dest$folder" ]; do
		echo "$folder/" >>"$work/folders"
		folder=$(dirname "$folder")
	done
	install -D -m "$1" "$2" "$dest$3.new"
	mv "$dest$3.new" "$dest$3"
	echo "$3" >>"$work/files"
}

# put_text SOURCE TARGET: the same for a text with paths below /usr/local.
put_text() {
	sed "s|/usr/local|$prefix|g" "$1" >"$work/text"
	put 644 "$work/text" "$2"
}

put_programs() {
	for program in pm-agent pm-keeper pm-vm pm-cluster pm-relay pmctl; do
		strip -o "$work/program" "$bin/$program" 2>/dev/null || cp "$bin/$program" "$work/program"
		put 755 "$work/program" "$prefix/bin/$program"
	done
	strip --strip-unneeded -o "$work/plugin" "$bin/libpm_hub.so" 2>/dev/null || cp "$bin/libpm_hub.so" "$work/plugin"
	put 644 "$work/plugin" "$prefix/lib/pmqtt/libpm_hub.so"
	[ -f "$image/vmlinux" ] || return 0
	for file in vmlinux initramfs.cpio; do put 644 "$image/$file" "$prefix/lib/pmqtt/vm/$file"; done
}

put_units() {
	for name in agent cluster; do
		put_text "$root/scripts/systemd/pmqtt-$name.service" "$units/pmqtt-$name.service"
		put 644 "$root/scripts/systemd/pmqtt-$name.sysusers" "$prefix/lib/sysusers.d/pmqtt-$name.conf"
		put_text "$root/scripts/systemd/$name.json" "$prefix/share/pmqtt/$name.json"
		[ -e "$dest/etc/pmqtt/$name.json" ] ||
			install -D -m 644 "$dest$prefix/share/pmqtt/$name.json" "$dest/etc/pmqtt/$name.json"
	done
	for drop_in in unprivileged vms; do
		put_text "$root/scripts/systemd/pmqtt-agent-$drop_in.conf" "$prefix/lib/pmqtt/systemd/pmqtt-agent-$drop_in.conf"
	done
}

put_broker() {
	put 755 "$root/broker/user.sh" "$prefix/sbin/pmqtt-user"
	for script in user.sh certificates.sh; do put 755 "$root/broker/$script" "$prefix/share/pmqtt/broker/$script"; done
	for file in mosquitto.conf hub.conf secure/mosquitto.conf; do
		put_text "$root/broker/$file" "$prefix/share/pmqtt/broker/$file"
	done
}

put_documents() {
	for page in "$root"/docs/man/*.[158]; do
		[ ! -f "$page" ] || put_text "$page" "$prefix/share/man/man${page##*.}/${page##*/}"
	done
	for page in "$root"/docs/*.md "$root/README.md" "$root/CHANGELOG.md"; do
		case $page in
		*/install.md) put 644 "$page" "$prefix/share/doc/pmqtt/${page##*/}" ;;
		# It lies beside the documents to which it links.
		*/README.md) sed 's|](docs/|](|g' "$page" >"$work/readme" && put_text "$work/readme" "$prefix/share/doc/pmqtt/README.md" ;;
		*) put_text "$page" "$prefix/share/doc/pmqtt/${page##*/}" ;;
		esac
	done
	for page in "$root"/docs/tutorials/*.md "$root"/docs/decisions/*.md; do
		put_text "$page" "$prefix/share/doc/pmqtt/${page#"$root/docs/"}"
	done
}

put_completions() {
	for shell in bash zsh fish; do "$bin/pmctl" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$work/$shell"; done
	put 644 "$work/bash" "$prefix/share/bash-completion/completions/pmctl"
	put 644 "$work/fish" "$prefix/share/fish/vendor_completions.d/pmctl.fish"
	# Debian's zsh searches vendor-completions below /usr.
	folder=site-functions
	[ "$prefix" != /usr ] || [ ! -e /etc/debian_version ] || folder=vendor-completions
	put 644 "$work/zsh" "$prefix/share/zsh/$folder/_pmctl"
}

# with_services: whether this system's services are meant, and not a package's folder.
with_services() { [ -z "$dest" ] && [ -d /run/systemd/system ]; }

# renew_services: has the new version take over, without an end of any process.
renew_services() {
	systemd-sysusers
	systemctl daemon-reload
	if systemctl --quiet is-active pmqtt-agent; then
		"$prefix/bin/pm-agent" --upgrade --state-dir /var/lib/pmqtt ||
			echo "the agent still runs its old version: systemctl restart pmqtt-agent stops and starts its processes" >&2
	fi
	systemctl try-restart pmqtt-cluster
}

# remove LINE: a file, or a folder if it is empty.
remove() {
	case $1 in
	*/) rmdir "$dest$1" 2>/dev/null || true ;;
	*) rm -f "$dest$1" ;;
	esac
}

# finish_list: writes the list, and removes what an older version had installed and this one has not.
finish_list() {
	if [ -f "$dest$list" ]; then
		grep '/$' "$dest$list" >>"$work/folders" || true
		cat "$work/files" "$work/folders" >"$work/list"
		while read -r line; do grep -qxF "$line" "$work/list" || remove "$line"; done <"$dest$list"
	fi
	echo "$list" >>"$work/files"
	# A folder comes after those in it.
	sort -r "$work/folders" | uniq | cat "$work/files" - >"$work/list"
	install -m 644 "$work/list" "$dest$list"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/files" >"$work/folders"
case ${1-} in
install)
	put_programs
	put_units
	put_broker
	put_documents
	put_completions
	finish_list
	! with_services || renew_services
	;;
uninstall)
	[ -f "$dest$list" ] || { echo "install.sh: $dest$list is missing: nothing is installed in $prefix" >&2; exit 1; }
	! with_services || systemctl --quiet disable --now pmqtt-agent pmqtt-cluster || true
	for name in agent cluster; do
		file=/etc/pmqtt/$name.json
		if cmp -s "$dest$prefix/share/pmqtt/$name.json" "$dest$file" || [ -n "${PURGE:-}" ]; then
			rm -f "$dest$file"
		elif [ -e "$dest$file" ]; then
			echo "$dest$file was changed and stays (PURGE=1 removes it)"
		fi
	done
	if [ -n "${PURGE:-}" ]; then
		rm -rf "$dest/etc/pmqtt" "$dest/var/lib/pmqtt" "$dest/var/lib/pm-cluster"
	fi
	rmdir "$dest/etc/pmqtt" 2>/dev/null || true
	cp "$dest$list" "$work/list"
	while read -r line; do remove "$line"; done <"$work/list"
	! with_services || systemctl daemon-reload
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 1
	;;
esac
