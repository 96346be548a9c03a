#!/bin/sh
# Builds the image of a VM that boots Debian's systemd under QEMU, for the tests of the units in scripts/systemd.
#
# usage: scripts/systemd-image.sh SUITE IMAGE
#   SUITE  of Debian: bookworm (systemd 252), trixie (257)
#   IMAGE  the folder for root.ext4, vmlinuz and initramfs.cpio
#
# PM_VM_KERNEL: as in vm-image.sh.
#
# The VM mounts its second disk at /usr/local. It runs each line that it reads from its second serial port in a shell,
# and prints the output and "#<exit status>". If the inputs have not changed, the script does nothing.
set -eu
export LC_ALL=C TZ=UTC
umask 022

suite=$1
mkdir -p "$2"
image=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
packages=systemd,systemd-sysv,dbus,mosquitto,mosquitto-clients,libcjson1,procps

inputs() { sha256sum "$here/systemd-image.sh" && echo "$suite"; }
if [ -f "$image/inputs" ] && [ "$(inputs)" = "$(cat "$image/inputs")" ]; then exit 0; fi
echo "building a VM image with the systemd of Debian $suite in $image"
rm -f "$image/inputs"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

add_kernel() {
	kernel=${PM_VM_KERNEL:-$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')}
	# vm-image.sh may have fetched it.
	deb=$(find "$image/../vm-image/packages" -name "${kernel}_*.deb" 2>/dev/null | sort | tail -n 1)
	if [ -z "$deb" ]; then
		(cd "$work" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$kernel")
		deb=$(find "$work" -name "${kernel}_*.deb")
	fi
	dpkg-deb -x "$deb" "$work/kernel"
	cp "$work"/kernel/boot/vmlinuz-* "$image/vmlinuz"
}

# The drivers of its disks are modules; they are loaded in the order of their dependencies.
add_initramfs() {
	version=$(ls "$work/kernel/lib/modules")
	mkdir -p "$work/init/bin" "$work/init/dev" "$work/init/root" "$work/init/modules"
	cp "$(command -v busybox)" "$work/init/bin/busybox"
	/sbin/depmod -b "$work/kernel" "$version"
	for module in virtio_pci virtio_blk; do
		/sbin/modprobe -S "$version" -d "$work/kernel" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r file; do
		cp "$file" "$work/init/modules/"
		echo "busybox insmod /modules/$(basename "$file")"
	done >"$work/modules"
	{
		printf '#!/bin/busybox sh\nexport PATH=/bin\nbusybox mount -t devtmpfs dev /dev\n'
		cat "$work/modules"
		printf 'busybox mount -t ext4 /dev/vda /root && busybox mount -t ext4 /dev/vdb /root/usr/local\n'
		printf 'exec busybox switch_root /root /sbin/init\n'
	} >"$work/init/init"
	chmod 755 "$work/init/init"
	(cd "$work/init" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$image/initramfs.cpio"
}

add_root() {
	debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
	rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/locale
	rm -rf "$root"/usr/share/man "$root"/usr/local/*
	echo systemd >"$root/etc/hostname"
	echo "127.0.0.1 localhost systemd" >"$root/etc/hosts"
	: >"$root/etc/fstab"
	cat >"$root/etc/systemd/system/shell.service" <<-'UNIT'
		[Unit]
		Description=Shell on the second serial port
		DefaultDependencies=no
		After=mosquitto.service
		[Service]
		ExecStart=/bin/sh -c 'stty raw -echo; echo "#up"; while read -r line; do sh -c "$line" </dev/null 2>&1; echo "#$?"; done'
		StandardInput=tty-force
		StandardOutput=tty
		TTYPath=/dev/ttyS1
		Restart=always
	UNIT
	for unit in shell mosquitto; do
		file=$(cd "$root" && ls etc/systemd/system/$unit.service lib/systemd/system/$unit.service 2>/dev/null | head -n 1)
		mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
		ln -sf "/$file" "$root/etc/systemd/system/multi-user.target.wants/$unit.service"
	done
	# Mask units that are not needed: without KVM each takes a second.
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
		fstrim.timer systemd-tmpfiles-clean.timer systemd-timesyncd.service systemd-logind.service getty.target \
		dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
		sys-fs-fuse-connections.mount modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service \
		modprobe@efi_pstore.service modprobe@fuse.service modprobe@loop.service systemd-ask-password-console.path \
		systemd-ask-password-wall.path systemd-journal-flush.service systemd-modules-load.service \
		systemd-random-seed.service systemd-remount-fs.service systemd-sysctl.service systemd-update-utmp.service \
		systemd-update-utmp-runlevel.service systemd-user-sessions.service; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
	mkfs.ext4 -q -F -L root -d "$root" "$image/root.ext4" 1500M
}

add_kernel
add_initramfs
add_root
inputs >"$image/inputs"
