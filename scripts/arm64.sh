#!/bin/sh
# Compiles the C parts and pm-keeper for aarch64, and runs them in qemu-system-aarch64 with Debian's arm64 kernel:
# Tests/Support/arm64 has the checks. Prints them and a verdict.
#
# usage: scripts/arm64.sh FOLDER
#   FOLDER  for the kernel's package (a download of 30 MB, once) and what is built
#
# LIGHT=1 skips it. Where something can't be installed, it says so and exits with 0; a check that fails gives 1.
set -eu
export LC_ALL=C
umask 022

skip() {
	echo "arm64 is not checked: $1"
	exit 0
}
[ -z "${LIGHT:-}" ] || skip "LIGHT is set"

here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../Sources
mkdir -p "$1/packages"
folder=$(cd "$1" && pwd)
"$here/setup.sh" gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm cpio >&2 ||
	skip "the cross compiler or QEMU can't be installed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With lists of its own, so that the host gets no foreign architecture.
apt_arm64() {
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
	cat >"$work/apt.conf" <<-CONF
		APT::Architecture "arm64";
		APT::Architectures { "arm64"; };
		APT::Sandbox::User "$(id -un)";
		Dir::State "$work/apt";
		Dir::State::status "/dev/null";
		Dir::Cache "$work/apt/cache";
	CONF
	APT_CONFIG=$work/apt.conf "$@"
}

find_kernel() { find "$folder/packages" -name 'linux-image-*_arm64.deb' | sort | tail -n 1; }

fetch_kernel() {
	echo "downloading Debian's arm64 kernel"
	apt_arm64 apt-get update -qq || return 1
	kernel=$(apt_arm64 apt-cache depends linux-image-cloud-arm64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
	[ -n "$kernel" ] || return 1
	(cd "$folder/packages" && apt_arm64 apt-get download -qq "$kernel")
}

compile() { aarch64-linux-gnu-gcc -O2 -Wall -Wextra -Werror -static -I"$sources/Platform/CLinux/include" "$@"; }

# SwiftPM has no aarch64 library of Swift here, but Embedded Swift needs none: it is compiled as for a bare machine.
build_keeper() {
	swift=$(dirname "$(realpath "$(command -v swiftc)")")
	[ -d "$swift/../lib/swift/embedded/aarch64-none-none-elf" ] || return 1
	for module in Platform/CLinux Agent/CKeeper; do
		name=${module#*/}
		printf 'module %s {\n  umbrella "%s"\n  export *\n}\n' "$name" "$sources/$module/include" >"$work/$name.modulemap"
	done
	swiftc -target aarch64-none-none-elf -enable-experimental-feature Embedded -wmo -O -swift-version 6 \
		-warnings-as-errors -parse-as-library -module-name pm_keeper -Xcc -D__linux__ \
		-Xcc --sysroot=/usr/aarch64-linux-gnu -Xcc -isystem/usr/aarch64-linux-gnu/include \
		-Xcc -fmodule-map-file="$work/CLinux.modulemap" -Xcc -fmodule-map-file="$work/CKeeper.modulemap" \
		-I "$sources/Platform/CLinux/include" -c "$sources"/Agent/pm-keeper/*.swift -o "$work/keeper.o" || exit 1
	compile -I"$sources/Agent/CKeeper/include" -fuse-ld=lld -B"$swift" -Wl,--defsym=main=pm_keeper_main \
		-o "$work/root/pm-keeper" "$work/keeper.o" "$sources"/Platform/CLinux/*.c "$sources"/Agent/CKeeper/*.c -lm
}

[ -n "$(find_kernel)" ] || fetch_kernel || skip "the kernel can't be downloaded"
dpkg-deb -x "$(find_kernel)" "$work/kernel"
mkdir -p "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/run"
compile -o "$work/root/init" "$sources"/Platform/CLinux/*.c "$here"/../Tests/Support/arm64/*.c
build_keeper || echo "pm-keeper is not checked: this Swift has no Embedded Swift for aarch64"
(cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initramfs.cpio"
timeout 300 qemu-system-aarch64 -M virt -cpu cortex-a72 -accel tcg -smp 2 -m 256 -nodefaults -display none -no-reboot \
	-serial stdio -kernel "$work"/kernel/boot/vmlinuz-* -initrd "$work/initramfs.cpio" \
	-append "console=ttyAMA0 quiet panic=-1 cgroup_no_v1=all" </dev/null | tr -d '\r' >"$folder/log" || true
cat "$folder/log"
grep -q '^arm64: [1-9][0-9]* checks, 0 failed$' "$folder/log" || { echo "arm64: failed (the output is in $folder/log)"; exit 1; }
