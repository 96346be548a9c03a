#!/bin/sh
# Lists the pids of all running processes.
set -eu
. "$(dirname "$0")/request.sh"

[ $# -ge 1 ] || usage 'HOST'
ask "$1" list_active_processes "{}"
