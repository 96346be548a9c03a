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

# Embedded Swift knows no sanitizer, a plugin with one does not go into a broker without, and what misbehaves may say nothing of its own.
rm -rf "$programs" "$reports"
mkdir -p "$programs" "$reports"
cp "$folder/debug/pm-agent" "$folder/debug/pm-cluster" "$folder/debug/pmctl" "$programs"
cp "$release/pm-keeper" "$release/libpm_hub.so" "$release/test-child" "$programs"

# A daemon that dies of what it did is started again by its keeper: only its report tells of it.
# Retain cycles of the tests are no leaks of ours, and a program that ends need not have waited for its threads.
log=log_path=$PWD/$reports/report
export ASAN_OPTIONS="$log:abort_on_error=1:detect_leaks=0" SWIFT_BACKTRACE=enable=no
export TSAN_OPTIONS="$log:report_thread_leaks=0:suppressions=$PWD/scripts/thread.suppressions"
export PM_BIN_DIR="$PWD/$programs"
# As in the Makefile: libmosquitto knows no descriptor above 1,023, and all is slower here, so more of it is there at a time.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=24
status=0
# Under ThreadSanitizer a parent waits for its newborn (spawn.c), and nothing that holds up a newborn can be tried.
only_address=
[ "$sanitizer" = address ] || only_address='--skip NewbornTests --skip BirthTests --skip SilentPathTests'
# Left out: VMs, whose guests run the release; what preloads something of its own; what is about memory, of which a sanitizer
# takes its own, or about a thousand processes, thousands of connections, twenty deaths in a row or a flood, for which it is
# too slow; scripts and the layout; a booted machine, which has the release.
PM_SANITIZE=$sanitizer scripts/test.sh --sanitize="$sanitizer" --scratch-path "$folder" -Xswiftc -use-ld=lld \
	--skip VMTests --skip VMRuntimeTests --skip MachineCrashTests --skip MachineMethodTests --skip SystemdTests \
	--skip ClockTests --skip CrowdTests --skip MemoryTests --skip ScriptTests --skip TidyTests --skip HubEnduranceTests \
	--skip "leave nothing behind" --skip "a thousand processes live on" --skip "twenty times while processes" \
	--skip "do not make it grow" --skip "a clock before 2020" --skip "a real VM" --skip StartFloodTests $only_address || status=$?
# A warning makes a report as well.
for report in $(grep -lE 'ERROR:|WARNING: ThreadSanitizer' "$reports"/* 2>/dev/null); do
	echo "--- $report"
	head -n 40 "$report"
	status=1
done
exit $status
