# `make demo` and `make test` do all the set-up themselves; `make help` lists the rest.
SHELL := /bin/sh
# What VMs take, where it can be had: without them, all but VMs works.
VM_PACKAGES := qemu-system-x86 busybox-static cpio kmod lz4 xz-utils zstd binutils
# What a machine with a systemd of its own takes.
SYSTEMD_PACKAGES := qemu-system-x86 busybox-static cpio kmod debootstrap e2fsprogs
PACKAGES := mosquitto mosquitto-clients mosquitto-dev libmosquitto-dev libssl-dev openssl libcjson-dev procps
BIN := .build/release
PEERS := .build/peers
IMAGE := .build/vm-image
SYSTEMD_IMAGE := .build/systemd-image
PREFIX ?= /usr/local

.PHONY: help setup build vm-image systemd-image demo demo-secure run test check check-sanitize check-plugin fuzz format bench peers footprint soak chaos install clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 24

setup:  ## install the Debian packages that are missing
	@scripts/setup.sh $(PACKAGES)

build: setup  ## build everything in release
	swift build -c release

vm-image: build  ## build what VMs boot from Debian's packages, and install QEMU where that can be done
	@scripts/setup.sh $(VM_PACKAGES) && scripts/vm-image.sh $(BIN) $(IMAGE) || echo "VMs can't be run here" >&2

systemd-image:  ## build what the tests of the units boot: a machine with Debian's systemd (a download of 70 MB; LIGHT=1 leaves it out)
	@[ -n "$(LIGHT)" ] || { scripts/setup.sh $(SYSTEMD_PACKAGES) && scripts/systemd-image.sh bookworm $(SYSTEMD_IMAGE); } || \
		echo "the units for systemd can't be tested here" >&2

demo: build vm-image  ## bring up a broker with the hub, an agent and pm-cluster, walk through the main job, take it all down
	@scripts/demo.sh $(BIN)

demo-secure: build  ## the same with the hardened broker: TLS, passwords, and who may do what
	@scripts/demo-secure.sh $(BIN)

run: build vm-image  ## the same, but stay up
	@scripts/demo.sh --stay $(BIN)

# The tests run what is shipped: the release build. So many at a time: each has clients of libmosquitto, which waits by
# select(2) and can have no descriptor above 1,023.
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH := 48
test: export PM_BIN_DIR := $(CURDIR)/$(BIN)
test: build vm-image systemd-image check  ## run every test against a real mosquitto and real processes
	@swift build --build-tests
	@scripts/test.sh

check:  ## lint the Swift code and the shell scripts
	swift format lint --strict -r Sources Tests Benchmarks Package.swift
	@for script in scripts/*.sh scripts/examples/*.sh broker/*.sh .ci/run; do sh -n "$$script" || exit 1; done

fuzz: setup  ## feed each parser with what libFuzzer makes up, for FUZZ_SECONDS (60) each
	PM_SANITIZE=fuzzer swift build -c release --product pm-fuzz --scratch-path .build/fuzz
	@scripts/fuzz.sh .build/fuzz/release/pm-fuzz $(FUZZ)

check-sanitize: build  ## run the tests with AddressSanitizer, then with ThreadSanitizer
	@scripts/sanitize.sh address $(BIN); address=$$?; scripts/sanitize.sh thread $(BIN) && exit $$address

# HUB_REQUESTS and VALGRIND_REQUESTS say how many.
check-plugin: build  ## send 1,000,000 requests through the hub, again with AddressSanitizer, and 100,000 under valgrind
	@scripts/setup.sh valgrind
	PM_HUB_REQUESTS=$(or $(HUB_REQUESTS),1000000) PM_VALGRIND_REQUESTS=$(or $(VALGRIND_REQUESTS),100000) \
		scripts/check-plugin.sh $(BIN)

format:  ## format the Swift code in place
	swift format -i -r Sources Tests Benchmarks Package.swift

bench: build peers  ## measure, as ratios against yardsticks in the same run (under 10 minutes)
	PM_PEERS=$(PEERS) $(BIN)/pm-bench

peers:  ## install the supervisors that the bench measures beside pmqtt's, without starting any
	@scripts/bench-peers.sh $(PEERS)

footprint: build  ## measure memory and idle processor time only
	$(BIN)/pm-bench footprint

soak: build  ## start, break and stop processes at random for SOAK_SECONDS (600) while agent and broker are killed
	PM_BIN_DIR=$(CURDIR)/$(BIN) $(BIN)/pm-soak

chaos: build  ## the same of a fleet for CHAOS_SECONDS (300) while network, disks, clocks and limits fail
	PM_BIN_DIR=$(CURDIR)/$(BIN) $(BIN)/pm-soak chaos

install: build  ## install the programs, the plugin, units for systemd and the shell completions below PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pmqtt
	install -m 755 $(BIN)/pm-agent $(BIN)/pm-keeper $(BIN)/pm-vm $(BIN)/pm-cluster $(BIN)/pmctl $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(BIN)/libpm_hub.so $(DESTDIR)$(PREFIX)/lib/pmqtt
	if [ -f $(IMAGE)/vmlinux ]; then install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/pmqtt/vm $(IMAGE)/vmlinux $(IMAGE)/initramfs.cpio; fi
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/pmqtt/systemd
	for unit in pm-agent pm-cluster; do sed 's|/usr/local|$(PREFIX)|g' scripts/systemd/$$unit.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit.service || exit 1; done
	install -m 644 scripts/systemd/*.conf $(DESTDIR)$(PREFIX)/lib/pmqtt/systemd
	install -m 644 scripts/systemd/pmqtt.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/pmqtt.conf
	install -D -t $(DESTDIR)$(PREFIX)/share/pmqtt/broker broker/*.sh
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/pmqtt/broker/secure broker/secure/mosquitto.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/pmqtt docs/*.md
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -d $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(BIN)/pmctl --generate-completion-script bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pmctl
	$(BIN)/pmctl --generate-completion-script zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pmctl
	$(BIN)/pmctl --generate-completion-script fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pmctl.fish

clean:  ## remove what was built
	rm -rf .build
