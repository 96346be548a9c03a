#!/bin/sh
# Builds tests and daemons with a sanitizer (address, thread), in a folder of their own, and runs what can run with it.
#
#   sanitize.sh address|thread RELEASE_FOLDER
set -eu

sanitizer=$1
release=$2
folder=.build/$sanitizer
reports=$folder/reports
programs=$folder/programs

PM_SANITIZE=$sanitizer swift build --build-tests --sanitize="$sanitizer" --scratch-path "$folder" -Xswiftc -use-ld=lld

# Embedded Swift knows no sanitizer, and a plugin with one does not go into a broker without.
rm -rf "$programs" "$reports"
mkdir -p "$programs" "$reports"
cp "$folder/debug/pm-agent" "$folder/debug/pm-cluster" "$folder/debug/pmctl" "$folder/debug/test-child" "$programs"
cp "$release/pm-keeper" "$release/libpm_hub.so" "$programs"

# A daemon that dies of what it did is started again by its keeper: only its report tells of it.
options="log_path=$PWD/$reports/report:abort_on_error=1:detect_leaks=0:suppressions=$PWD/scripts/$sanitizer.suppressions"
export ASAN_OPTIONS="$options" TSAN_OPTIONS="$options" SWIFT_BACKTRACE=enable=no PM_BIN_DIR="$PWD/$programs"
status=0
# Left out: VMs, whose guests run the release; what is about memory, of which a sanitizer takes its own; scripts and the layout.
PM_SANITIZE=$sanitizer swift test --skip-build --disable-xctest --sanitize="$sanitizer" --scratch-path "$folder" \
	-Xswiftc -use-ld=lld --skip VMTests --skip VMRuntimeTests --skip MachineCrashTests --skip MachineMethodTests \
	--skip MemoryTests --skip ScriptTests --skip TidyTests --skip HubEnduranceTests --skip "leave nothing behind" ||
	status=$?
for report in "$reports"/*; do
	[ -e "$report" ] || continue
	echo "--- $report"
	head -n 40 "$report"
	status=1
done
exit $status
