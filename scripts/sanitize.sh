#!/bin/sh
# Builds tests and daemons with a sanitizer (address or thread) in a folder of their own, and runs the tests that can
# run with it.
#
#   sanitize.sh address|thread RELEASE_FOLDER
set -eu

sanitizer=$1
release=$2
folder=.build/$sanitizer
reports=$folder/reports
programs=$folder/programs

PM_SANITIZE=$sanitizer swift build --build-tests --sanitize="$sanitizer" --scratch-path "$folder" -Xswiftc -use-ld=lld

# Without a sanitizer: pm-keeper, because Embedded Swift supports none; the plugin, because the broker has none;
# test-child, because it must print nothing besides what a test asks for.
rm -rf "$programs" "$reports"
mkdir -p "$programs" "$reports"
cp "$folder/debug/pm-agent" "$folder/debug/pm-cluster" "$folder/debug/pmctl" "$programs"
cp "$release/pm-keeper" "$release/libpm_hub.so" "$release/test-child" "$programs"

# The keeper replaces a worker that a sanitizer has ended, so only the report in a file shows the error. No leak
# detection, because tests have retain cycles, and no thread leaks, because programs exit without joining threads.
log=log_path=$PWD/$reports/report
export ASAN_OPTIONS="$log:abort_on_error=1:detect_leaks=0" SWIFT_BACKTRACE=enable=no
export TSAN_OPTIONS="$log:report_thread_leaks=0:suppressions=$PWD/scripts/thread.suppressions"
export PM_BIN_DIR="$PWD/$programs"
# As in the Makefile: libmosquitto supports no descriptor above 1,023. Fewer at a time, because tests are slower here.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=24
status=0
# Under ThreadSanitizer a parent waits for its newborn (spawn.c), so tests that delay a newborn cannot run.
only_address=
[ "$sanitizer" = address ] || only_address='--skip NewbornTests --skip BirthTests --skip SilentPathTests'
# Left out: tests of VMs and of systemd, because guests run the release build; tests that preload a library; tests of
# memory use, because a sanitizer needs memory itself; tests with thousands of processes or connections, many deaths or
# a flood, because a sanitizer is too slow; tests of scripts and of the sources.
PM_SANITIZE=$sanitizer scripts/test.sh --sanitize="$sanitizer" --scratch-path "$folder" -Xswiftc -use-ld=lld \
	--skip VMTests --skip VMRuntimeTests --skip VMCrashTests --skip VMMethodTests --skip SystemdTests \
	--skip ClockTests --skip CrowdTests --skip MemoryTests --skip ScriptTests --skip TidyTests --skip HubEnduranceTests \
	--skip "leave nothing behind" --skip "a thousand processes live on" --skip "twenty times while processes" \
	--skip "do not make it grow" --skip "a clock before 2020" --skip "without flock" --skip "a real VM" --skip StartFloodTests $only_address || status=$?
# Warnings are in reports, too.
for report in $(grep -lE 'ERROR:|WARNING: ThreadSanitizer' "$reports"/* 2>/dev/null); do
	echo "--- $report"
	head -n 40 "$report"
	status=1
done
exit $status
