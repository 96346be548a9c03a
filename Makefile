# `make demo` and `make test` do all the set-up themselves; `make help` lists the rest.
SHELL := /bin/sh
# For VMs; without these packages all else works.
VM_PACKAGES := qemu-system-x86 busybox-static cpio kmod lz4 xz-utils zstd binutils
# For the VM with systemd in the tests of the units.
SYSTEMD_PACKAGES := qemu-system-x86 busybox-static cpio kmod debootstrap e2fsprogs
PACKAGES := mosquitto mosquitto-clients mosquitto-dev libmosquitto-dev libssl-dev openssl libcjson-dev procps \
	libcurl4-openssl-dev libwslay-dev
# For the Debian packages.
DEB_PACKAGES := build-essential debhelper fakeroot
# For the tests of the Python examples, of pm-relay, of documents and manual pages, which are skipped without these packages.
TEST_PACKAGES := python3 python3-paho-mqtt tinyproxy iproute2 mandoc
BIN := .build/release
PEERS := .build/peers
IMAGE := .build/vm-image
SYSTEMD_IMAGE := .build/systemd-image
DEB := .build/deb
PREFIX ?= /usr/local
# The groups of targets in the output of `make help`.
HELP_GROUPS := First steps: help setup build demo demo-secure run vm-image; \
	Test and check: unit test check format check-arm64 check-sanitize check-plugin systemd-image; \
	Measure: bench footprint peers; Break it: soak chaos fuzz; \
	Install: deb tarball install uninstall try-packages clean

.PHONY: help setup build unit vm-image systemd-image demo demo-secure run test check check-arm64 check-sanitize \
	check-plugin fuzz format bench peers footprint soak chaos deb tarball try-packages install uninstall clean

help:  ## list the targets
	@awk -v groups='$(HELP_GROUPS)' -f scripts/help.awk $(MAKEFILE_LIST)

setup:  ## install the Debian packages that are missing
	@scripts/setup.sh $(PACKAGES)

# Without a RUNPATH: the programs need no libraries beside them.
build: setup  ## build everything in release
	swift build -c release --disable-local-rpath

vm-image: build  ## build the VM image from Debian's packages, and install QEMU if possible
	@scripts/setup.sh $(VM_PACKAGES) && scripts/vm-image.sh $(BIN) $(IMAGE) || echo "this host cannot run VMs" >&2

systemd-image:  ## build the VM with Debian's systemd for tests of the units (downloads 70 MB; LIGHT=1 skips it)
	@[ -n "$(LIGHT)" ] || { scripts/setup.sh $(SYSTEMD_PACKAGES) $(DEB_PACKAGES) && scripts/systemd-image.sh bookworm $(SYSTEMD_IMAGE); } || \
		echo "this host cannot test the systemd units" >&2

demo: build vm-image  ## start a broker with the hub, an agent and pm-cluster, show their main functions, and end them
	@scripts/demo.sh $(BIN)

demo-secure: build  ## the same with the hardened broker: TLS, passwords and rights by role
	@scripts/demo-secure.sh $(BIN)

run: build vm-image  ## start the programs of the demo and keep them running
	@scripts/demo.sh --stay $(BIN)

# The tests run the programs of the release build. The width is limited because the tests' clients use libmosquitto,
# which uses select(2) and so supports no descriptor above 1,023.
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH := 48
test: export PM_BIN_DIR := $(CURDIR)/$(BIN)
test: build vm-image systemd-image check check-arm64  ## run every test against a real mosquitto and real processes
	@scripts/setup.sh $(TEST_PACKAGES) || echo "the Python examples, pm-relay and the documents are not tested" >&2
	@swift build --build-tests
	@scripts/test.sh

unit: setup  ## run the tests that need no broker (seconds, once built)
	@PM_UNIT=1 swift build --build-tests --scratch-path .build/unit
	@PM_UNIT=1 PM_TEST_LOG=.build/unit.log scripts/test.sh --scratch-path .build/unit --filter . --skip ZoneTests --skip "large pieces are written" --skip killed

check:  ## lint the Swift code and the shell scripts
	swift format lint --strict -r Sources Tests Benchmarks Package.swift
	@for script in scripts/*.sh scripts/examples/*.sh broker/*.sh debian/*.p[or]* .ci/run; do sh -n "$$script" || exit 1; done

check-arm64:  ## compile the C parts and pm-keeper for aarch64 and run them under QEMU (downloads 30 MB; LIGHT=1 skips it)
	@scripts/arm64.sh .build/arm64

fuzz: setup  ## run libFuzzer on each parser, for FUZZ_SECONDS (60) each
	PM_SANITIZE=fuzzer swift build -c release --product pm-fuzz --scratch-path .build/fuzz
	@scripts/fuzz.sh .build/fuzz/release/pm-fuzz $(FUZZ)

check-sanitize: build  ## run the tests with AddressSanitizer, then with ThreadSanitizer
	@scripts/sanitize.sh address $(BIN); address=$$?; scripts/sanitize.sh thread $(BIN) && exit $$address

# HUB_REQUESTS and VALGRIND_REQUESTS set the numbers of requests.
check-plugin: build  ## send 1,000,000 requests through the hub, also with AddressSanitizer, and 100,000 under valgrind
	@scripts/setup.sh valgrind
	PM_HUB_REQUESTS=$(or $(HUB_REQUESTS),1000000) PM_VALGRIND_REQUESTS=$(or $(VALGRIND_REQUESTS),100000) \
		scripts/check-plugin.sh $(BIN)

format:  ## format the Swift code in place
	swift format -i -r Sources Tests Benchmarks Package.swift

bench: build peers  ## measure speed and memory, as ratios to yardsticks in the same run (under 10 minutes)
	PM_PEERS=$(PEERS) $(BIN)/pm-bench

peers:  ## install the supervisors that the bench compares with pmqtt, without starting any
	@scripts/bench-peers.sh $(PEERS)

footprint: build  ## measure memory and idle processor time only
	$(BIN)/pm-bench footprint

soak: build  ## start, kill and stop processes at random for SOAK_SECONDS (600) while agent and broker are killed
	PM_BIN_DIR=$(CURDIR)/$(BIN) $(BIN)/pm-soak

chaos: build  ## the same for a fleet, for CHAOS_SECONDS (300), while network, disks, clocks and limits fail
	PM_BIN_DIR=$(CURDIR)/$(BIN) $(BIN)/pm-soak chaos

deb: build vm-image  ## build Debian packages in .build/deb (DEB_VERSION: another version)
	@scripts/setup.sh $(DEB_PACKAGES) lintian && scripts/deb.sh $(BIN) $(DEB)
	@lintian --allow-root --fail-on error,warning $(DEB)/*.deb

tarball: build vm-image  ## build a tarball with an install script for other distributions
	@scripts/tarball.sh $(BIN) $(IMAGE) .build

try-packages: deb  ## install the packages in chroots of Debian 12 and 13, use and remove them (downloads; LIGHT=1 skips it)
	@[ -n "$(LIGHT)" ] || { scripts/setup.sh debootstrap iproute2 && for suite in bookworm trixie; do \
		scripts/try-packages.sh $$suite $(DEB) || exit 1; done; }

install: build  ## install below PREFIX: programs, plugin, systemd units, documents and shell completions
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) BIN=$(BIN) IMAGE=$(IMAGE) scripts/install.sh install

uninstall:  ## remove what `make install` has installed below PREFIX (PURGE=1: settings and state, too)
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) PURGE=$(PURGE) scripts/install.sh uninstall

clean:  ## remove what was built
	rm -rf .build
