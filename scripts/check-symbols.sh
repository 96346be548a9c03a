#!/bin/sh
# Prints the newest symbol version of glibc that each program needs, and fails if one is newer than GLIBC: the programs
# would not start on a system with an older glibc. Also fails for a library that only a Swift toolchain has, and for
# packed relocations (GLIBC_ABI_DT_RELR), which glibc supports since 2.36.
#
# usage: scripts/check-symbols.sh BIN [GLIBC]
#   GLIBC  default: 2.35, which Ubuntu 22.04 has; Debian 12 has 2.36
set -eu
export LC_ALL=C

bin=$1
newest=${2:-2.35}
status=0
complain() {
	echo "check-symbols.sh: $1" >&2
	status=1
}

for program in pm-agent pm-keeper pm-vm pm-cluster pm-relay pmctl libpm_hub.so; do
	[ -r "$bin/$program" ] || { complain "$bin/$program is missing"; continue; }
	needed=$(readelf --version-info --wide "$bin/$program" | grep -o 'GLIBC_[0-9A-Z_.]*' | sort -u || true)
	version=$(echo "$needed" | sed -n 's/^GLIBC_\([0-9]\)/\1/p' | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1)
	echo "$program ${version:-static}"
	if [ -n "$version" ]; then
		last=$(printf '%s\n' "$version" "$newest" | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1)
		[ "$last" = "$newest" ] || complain "$program needs glibc $version, which is newer than $newest"
	fi
	case $needed in *GLIBC_ABI*) complain "$program has packed relocations" ;; esac
	swift=$(readelf --dynamic --wide "$bin/$program" | sed -n 's/.*(NEEDED).*\[\(lib\(swift\|Foundation\|_Foundation\)[^]]*\)\]/\1/p')
	[ -z "$swift" ] || complain "$program needs $(echo $swift), which only a Swift toolchain has"
done
exit $status
