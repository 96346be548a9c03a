#!/bin/sh
# Stops a process and everything it started; the answer comes when all of it is gone.
set -eu
. "$(dirname "$0")/request.sh"

[ $# -ge 2 ] || usage 'HOST PID'
ask "$1" stop_process "{\"pid\":$2}"
