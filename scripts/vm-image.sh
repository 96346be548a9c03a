#!/bin/sh
# Builds the image that VMs boot: a kernel and an initramfs with pm-agent and pm-keeper, which is the init.
#
# usage: scripts/vm-image.sh BIN IMAGE
#   BIN    the folder of pm-agent and pm-keeper
#   IMAGE  the folder for vmlinux and initramfs.cpio; packages are kept in IMAGE/packages
#
# PM_VM_KERNEL: the package of the kernel (default: the one that Debian's linux-image-cloud-amd64 depends on).
# PM_VM_ADD: a folder with files to add to the initramfs.
#
# The same inputs give the same bytes. If the inputs have not changed, the script does nothing.
set -eu
export LC_ALL=C TZ=UTC
umask 022

bin=$1
mkdir -p "$2/packages"
image=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

find_kernel() {
	kernel=${PM_VM_KERNEL:-$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')}
	# If apt knows no package, use one that was fetched before.
	deb=$(find "$image/packages" -name "${kernel:-linux-image}*_*.deb" | sort | tail -n 1)
	[ -z "$deb" ] || return 0
	[ -n "$kernel" ] || { echo "vm-image: apt has no package linux-image-cloud-amd64 (apt-get update?)" >&2; exit 1; }
	echo "downloading $kernel"
	(cd "$image/packages" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$kernel")
	deb=$(find "$image/packages" -name "${kernel}_*.deb" | sort | tail -n 1)
}

# The shared libraries of a program, and its dynamic loader.
libraries() { ldd "$1" | sed -n 's/^[^/]*\(\/[^ ]*\) (.*/\1/p'; }

inputs() {
	sha256sum "$here/vm-image.sh" "$bin/pm-agent" "$bin/pm-keeper" "$(command -v busybox)"
	libraries "$bin/pm-agent" | xargs sha256sum
	basename "$deb"
	[ -z "${PM_VM_ADD:-}" ] || (cd "$PM_VM_ADD" && find . -type f | sort | xargs sha256sum)
}

# The header of the kernel has the position of the payload (Documentation/arch/x86/boot.rst). Its last 4 bytes are a
# size.
field() { od -An "-tu$3" -j"$2" -N"$3" "$1" | tr -d ' '; }
extract_kernel() {
	start=$((($(field "$1" 497 1) + 1) * 512 + $(field "$1" 584 4)))
	length=$(($(field "$1" 588 4) - 4))
	tail -c +$((start + 1)) "$1" | head -c "$length" >"$work/payload"
	case $(od -An -tx1 -N4 "$work/payload" | tr -d ' ') in
	02214c18) lz4 -d -q "$work/payload" "$2" ;;
	fd377a58) xz -d -c --single-stream "$work/payload" >"$2" ;;
	28b52ffd) zstd -d -q -c "$work/payload" >"$2" ;;
	1f8b*) gzip -d -c "$work/payload" >"$2" ;;
	*) echo "vm-image: $kernel has an unknown compression format" >&2; exit 1 ;;
	esac
	rm "$work/payload"
}

# Adds modules in the order of their dependencies.
add_modules() {
	version=$(ls "$work/kernel/lib/modules")
	/sbin/depmod -b "$work/kernel" "$version"
	mkdir -p "$root/lib/modules"
	for module in virtio_pci virtio_net; do
		/sbin/modprobe -S "$version" -d "$work/kernel" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r file; do
		cp "$file" "$root/lib/modules/"
		echo "/lib/modules/$(basename "$file")" >>"$root/lib/modules/order"
	done
}

add_programs() {
	cp "$bin/pm-agent" "$bin/pm-keeper" "$root/bin/"
	strip "$root/bin/pm-agent" "$root/bin/pm-keeper"
	ln -s bin/pm-keeper "$root/init"
	libraries "$bin/pm-agent" | while read -r file; do
		mkdir -p "$root$(dirname "$file")"
		cp -L "$file" "$root$file"
	done
	cp "$(command -v busybox)" "$root/bin/busybox"
	for name in $(busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done
}

find_kernel
inputs >"$image/inputs.new"
if [ -f "$image/vmlinux" ] && [ -f "$image/initramfs.cpio" ] && cmp -s "$image/inputs" "$image/inputs.new"; then
	rm "$image/inputs.new"
	exit 0
fi
echo "building the VM image in $image"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/bin" "$root/dev" "$root/etc" "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/root" "$root/var/lib/pmqtt"
dpkg-deb -x "$deb" "$work/kernel"
extract_kernel "$work"/kernel/boot/vmlinuz-* "$work/vmlinux"
add_modules
add_programs
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
[ -z "${PM_VM_ADD:-}" ] || cp -R "$PM_VM_ADD/." "$root/"
chmod -R go=rX "$root"
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | sort | cpio --quiet -o -H newc --reproducible -R 0:0) >"$work/initramfs.cpio"

# Replace the files atomically: an agent may be starting a VM meanwhile.
rm -f "$image/inputs"
for file in vmlinux initramfs.cpio; do
	cp "$work/$file" "$image/$file.new"
	chmod 644 "$image/$file.new"
	mv "$image/$file.new" "$image/$file"
done
mv "$image/inputs.new" "$image/inputs"
