#!/bin/sh
# Runs all tests, which must be built. Tests that only compute run first and by themselves, so that they do not delay
# tests that wait for daemons. Prints failed and skipped tests and the totals; the whole output goes to a file.
#
#   test.sh [ARGUMENT OF swift test]...
set -u

log=${PM_TEST_LOG:-.build/test.log}
status=$(mktemp)
trap 'rm -f "$status"' EXIT
mkdir -p "$(dirname "$log")"
: >"$log"
echo 0 >"$status"

run() {
	{ swift test --skip-build --disable-xctest "$@" 2>&1 || echo $? >"$status"; } | tee -a "$log" |
		grep --line-buffered -E '^(✘|➜|error:|fatal:|.*(warning: ThreadSanitizer|ERROR: AddressSanitizer))|Test run with'
}

pure='^(AgentRuntimeTests|ClusterRuntimeTests|ClusterTests|DriversTests|FuzzTests|HubRuntimeTests|JSONCodecTests|LogsTests|ModelTests|RoutingTests|ServiceSupportTests|SupervisionTests|WireTests)\.'
case " $* " in
*" --filter "*) run "$@" ;;
*)
	run "$@" --filter "$pure"
	run "$@" --skip "$pure"
	;;
esac
echo "the whole output is in $log"
exit "$(cat "$status")"
