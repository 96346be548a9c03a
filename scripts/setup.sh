#!/bin/sh
# Installs those of the given Debian packages that are missing. If none is, it does nothing and needs no network.
set -eu

missing=
for package in "$@"; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "please install:$missing" >&2
	exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing$missing"
# shellcheck disable=SC2086 # a list of words on purpose
$as_root apt-get update -qq &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
