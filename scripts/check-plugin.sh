#!/bin/sh
# Sends many requests through the hub: plain, with AddressSanitizer in the plugin, and under valgrind.
#
#   check-plugin.sh RELEASE_FOLDER
#
# PM_HUB_REQUESTS and PM_VALGRIND_REQUESTS are the numbers of requests.
set -eu

release=$1
folder=.build/address

PM_SANITIZE=address swift build -c release --product pm_hub --sanitize=address --scratch-path "$folder" -Xswiftc -use-ld=lld

# The clang next to swiftc knows the path of its runtime.
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
runtime=$("$clang" -print-file-name="libclang_rt.asan-$(uname -m).so")
[ -e "$runtime" ] || {
	echo "check-plugin: $clang has no AddressSanitizer to preload" >&2
	exit 1
}

# With a symbolizer, reports contain function names.
symbolizer=$(dirname "$clang")/llvm-symbolizer
[ ! -x "$symbolizer" ] || export ASAN_SYMBOLIZER_PATH="$symbolizer"

export PM_ASAN_PLUGIN="$PWD/$folder/release/libpm_hub.so" PM_ASAN_RUNTIME="$runtime" PM_BIN_DIR="$PWD/$release"
exec swift test --disable-xctest --filter HubEnduranceTests
