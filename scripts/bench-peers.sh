#!/bin/sh
# Installs the supervisors that `make bench` compares with pmqtt: supervisor and circus from PyPI into a folder, runit
# and s6 from Debian. None of them is started or becomes the init. One that cannot be installed is left out, with the
# reason.
set -u

folder=${1:?usage: bench-peers.sh FOLDER}
here=$(dirname "$0")

# pip_install PACKAGE PROGRAM: installs wheels only, so that nothing is compiled.
pip_install() {
	[ -x "$folder/bin/$2" ] && return
	[ -x "$folder/bin/pip" ] || python3 -m venv "$folder" || { echo "no $1: no python3 with venv" >&2; return; }
	echo "installing $1"
	"$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "$1" ||
		echo "no $1: pip could not install it" >&2
}

# debian_install PACKAGE PROGRAM
debian_install() {
	command -v "$2" >/dev/null && return
	"$here/setup.sh" "$1" || echo "no $1: Debian's package could not be installed" >&2
}

pip_install supervisor==4.3.0 supervisord
pip_install circus==0.19.0 circusd
debian_install runit runsvdir
debian_install s6 s6-svscan
exit 0
