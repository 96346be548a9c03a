#!/bin/sh
# Makes a tarball of a build, with an install script, for systems without Debian packages.
#
# usage: scripts/tarball.sh BIN IMAGE OUT
#   BIN, IMAGE  the folders of the programs and of the VM image (optional)
#   OUT         the folder for pmqtt-VERSION-linux-MACHINE.tar.gz
set -eu
export LC_ALL=C
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/.*current = "\(.*\)".*/\1/p' "$root/Sources/Core/Model/Version.swift")
name=pmqtt-$version-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tree=$work/$name
mkdir -p "$tree/bin" "$tree/scripts" "$tree/docs"
for program in pm-agent pm-keeper pm-vm pm-cluster pm-relay pmctl libpm_hub.so; do
	strip --strip-unneeded -o "$tree/bin/$program" "$1/$program"
done
if [ -f "$2/vmlinux" ]; then
	mkdir "$tree/vm-image"
	cp "$2/vmlinux" "$2/initramfs.cpio" "$tree/vm-image"
fi
cp -R "$root/broker" "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE" "$tree"
cp -R "$root"/docs/*.md "$root/docs/man" "$root/docs/tutorials" "$root/docs/decisions" "$tree/docs"
cp -R "$root/scripts/systemd" "$tree/scripts"
cp "$root/scripts/install.sh" "$tree"
tar -C "$work" --owner=0 --group=0 --sort=name -czf "$3/$name.tar.gz" "$name"
echo "$3/$name.tar.gz"
