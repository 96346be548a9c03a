#!/bin/sh
# Runs all tests, which are built: first those that only compute, by themselves. A test that waits for a daemon would wait
# for them as well, and give up.
#
#   test.sh [ARGUMENT OF swift test]...
set -u

pure='^(ClusterTests|DriversTests|FuzzTests|JSONCodecTests|LogsTests|ModelTests|RoutingTests|SupervisionTests|WireTests)\.'
status=0
swift test --skip-build --disable-xctest "$@" --filter "$pure" || status=$?
swift test --skip-build --disable-xctest "$@" --skip "$pure" || status=$?
exit $status
