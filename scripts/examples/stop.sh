#!/bin/sh
# Stops a process and all that it started; the answer comes when all of them have ended.
set -eu
. "$(dirname "$0")/request.sh"

[ $# -ge 2 ] || usage 'HOST PID'
ask "$1" stop_process "{\"pid\":$2}"
