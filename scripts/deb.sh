#!/bin/sh
# Builds the Debian packages from the programs of a build.
#
# usage: scripts/deb.sh BIN OUT
#   BIN  the folder of the programs, beside that of the VM image: BIN/../vm-image (optional)
#   OUT  the folder for the packages
#
# DEB_VERSION: another version than that in Sources/Core/Model/Version.swift.
# DEB_FAST: if set, uncompressed and without pmqtt-vm-image, for tests.
#
# The packages are built in OUT/pmqtt. If the inputs have not changed, the script does nothing.
set -eu
export LC_ALL=C TZ=UTC
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "$1" && pwd)
image=$root/.build/vm-image
if [ -n "${DEB_FAST:-}" ]; then
	image=/nonexistent
	export COMPRESSION=-Znone
fi
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=${DEB_VERSION:-$(sed -n 's/.*current = "\(.*\)".*/\1/p' "$root/Sources/Core/Model/Version.swift")}
programs="pm-agent pm-keeper pm-vm pm-cluster pm-relay pmctl libpm_hub.so"

inputs() {
	echo "$version"
	(cd "$root" && find debian broker docs scripts README.md CHANGELOG.md -type f | sort | xargs sha256sum)
	(cd "$bin" && sha256sum $programs)
	cat "$image/inputs" 2>/dev/null || echo "no VM image"
}
inputs >"$out/inputs.new"
if cmp -s "$out/inputs" "$out/inputs.new"; then
	rm "$out/inputs.new"
	exit 0
fi
echo "building Debian packages $version in $out"
rm -rf "$out/inputs" "$out/pmqtt" "$out"/*.deb

tree=$out/pmqtt
mkdir -p "$tree/bin" "$tree/scripts"
cp -R "$root/debian" "$root/broker" "$root/docs" "$root/README.md" "$root/CHANGELOG.md" "$tree"
cp -R "$root/scripts/install.sh" "$root/scripts/systemd" "$tree/scripts"
(cd "$bin" && cp $programs "$tree/bin")

# SOURCE (= VERSION) of an installed package, or of a package's file.
source_of() { dpkg-query -W -f='${source:Package} (= ${source:Version})' "$1"; }
source_of_file() {
	dpkg-deb -f "$1" Package Version Source | awk '
		{ value[$1] = $2; rest[$1] = $3 }
		END {
			source = "Source:" in value ? value["Source:"] : value["Package:"]
			version = rest["Source:"] != "" ? substr(rest["Source:"], 2, length(rest["Source:"]) - 2) : value["Version:"]
			print source " (= " version ")"
		}'
}

profile=pkg.pmqtt.noimage
if [ -f "$image/vmlinux" ]; then
	profile=
	mkdir "$tree/vm-image"
	cp "$image/vmlinux" "$image/initramfs.cpio" "$tree/vm-image"
	kernel=$(find "$image/packages" -name '*.deb' | sort | tail -n 1)
	built_using=$(source_of_file "$kernel")
	for package in busybox-static libc6 libssl3 libmosquitto1 libcjson1; do
		built_using="$built_using, $(source_of "$package")"
	done
	export BUILT_USING="$built_using"
elif [ -z "${DEB_FAST:-}" ]; then
	echo "without pmqtt-vm-image: no VM image was built" >&2
fi

cat >"$tree/debian/changelog" <<CHANGELOG
pmqtt ($version) unstable; urgency=medium

  * /usr/share/doc/pmqtt/CHANGELOG.md of pmqtt-doc lists the changes.

 -- $(sed -n 's/^Maintainer: //p' "$root/debian/control")  $(date -R -r "$root/Sources/Core/Model/Version.swift")
CHANGELOG

(cd "$tree" && DEB_BUILD_PROFILES=$profile dpkg-buildpackage -us -uc -b) >"$out/log" 2>&1 || {
	tail -n 40 "$out/log" >&2
	exit 1
}
mv "$out/inputs.new" "$out/inputs"
ls "$out"/*.deb
