#!/bin/sh
# Prints whether a process runs, or how it ended.
set -eu
. "$(dirname "$0")/request.sh"

[ $# -ge 2 ] || usage 'HOST PID'
ask "$1" query_process_status "{\"pid\":$2}"
