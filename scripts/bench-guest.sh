#!/bin/sh
# Builds the root file system of a minimal guest, the yardstick for VMs in the bench: only the busybox and the modules
# of the VM image.
#
# usage: scripts/bench-guest.sh IMAGE OUTPUT
#   IMAGE   the folder that scripts/vm-image.sh has written
#   OUTPUT  the root file system; its init connects to the port pm_port (kernel command line) of the host's loopback
set -eu
export LC_ALL=C TZ=UTC

image=$(cd "$1" && pwd)
output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
cd "$work/root"
cpio --quiet -i -d '*bin/busybox' '*lib/modules/*' <"$image/initramfs.cpio"
cat >init <<'INIT'
#!/bin/busybox sh
while read -r module; do /bin/busybox insmod "$module"; done </lib/modules/order
/bin/busybox ifconfig eth0 10.0.2.15 netmask 255.255.255.0
exec /bin/busybox nc 10.0.2.2 "$pm_port"
INIT
chmod 755 init
find . | sort | cpio --quiet -o -H newc -R 0:0 >"$work/root.cpio"
mv "$work/root.cpio" "$output"
