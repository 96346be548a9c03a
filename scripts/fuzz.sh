#!/bin/sh
# Runs each target of pm-fuzz for FUZZ_SECONDS (60), as many at a time as there are processors, and prints statistics.
#
#   fuzz.sh PM_FUZZ [TARGET ...]
set -eu

program=$1
shift
corpus=$(dirname "$0")/../Tests/FuzzTests/Corpus
found=${program%/*/*}/found
mkdir -p "$found"

if [ "${FUZZ_ONE:-}" != yes ]; then
	[ $# -gt 0 ] || set -- $(ls "$corpus")
	# A dictionary of the strings in the protocol, so that the fuzzer need not find them letter by letter.
	(cd "$corpus/../../.." && grep -rhoE '"[@A-Za-z_/]{2,24}"' Sources/Wire/Wire Sources/Core/Model Sources/Platform/ServiceSupport \
		Sources/Agent/AgentRuntime/State Sources/ClusterManager/ClusterRuntime/State Sources/Core/Routing) | sort -u >"$found/dictionary"
	printf '%-10s %12s %9s %10s %7s\n' target executions 'a second' edges inputs
	# Each target prints its own failure, and all targets are run.
	printf '%s\n' "$@" | FUZZ_ONE=yes xargs -n 1 -P "$(nproc)" "$0" "$program"
	exit
fi

target=$1
mkdir -p "$found/$target"
log=$found/$target.log
status=0
# Swift's own backtraces hang when the sanitizer handles the crash as well.
SWIFT_BACKTRACE=enable=no PM_FUZZ_TARGET=$target "$program" "$found/$target" "$corpus/$target" \
	-max_total_time="${FUZZ_SECONDS:-60}" -dict="$found/dictionary" -artifact_prefix="$found/$target-" \
	-timeout=10 -max_len=4096 -print_final_stats=1 >"$log" 2>&1 || status=$?

number() { sed -n "s/.*$1 *\([0-9]*\).*/\1/p" "$log" | tail -n 1; }
printf '%-10s %12s %9s %10s %7s\n' "$target" "$(number stat::number_of_executed_units:)" \
	"$(number stat::average_exec_per_sec:)" "$(number ' cov:')" "$(number ' corp:')"
[ "$status" = 0 ] && exit
echo "$target: $(grep -m 1 -e 'Fatal error:' -e 'ERROR:' -e SUMMARY: "$log" || echo "failed with exit code $status")"
echo "$target: $(grep -m 1 'Test unit written to' "$log" || echo "see $log")"
exit 1
