#!/bin/sh
# Starts a program on a host and prints its pid.
set -eu
. "$(dirname "$0")/request.sh"

[ $# -ge 2 ] || usage 'HOST /full/path/to/program [ARGUMENT…]'
host=$1 path=$2
shift 2
ask "$host" start_process "{\"path\":$(json_string "$path"),\"args\":$(json_array "$@")}"
