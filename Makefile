# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors

# Processor cores that builds use.
JOBS ?= $(shell nproc)
# `make demo FOR=30` stops by itself after that many seconds.
FOR ?=

SWIFT_SOURCES = Package.swift Sources Tests
# Nothing looks symbols up in the program by name: not exporting them saves a megabyte. Optimised for size it is another
# 0.6 MB smaller, and `make bench` finds no more processor time for a message. Bound at the start (`-znow`), the tables
# of addresses can be read-only from then on. With each function in a section of its own the linker leaves out what nobody
# calls and joins what is alike, which is another megabyte. The index for unwinding stays: the parser of TOML throws.
RELEASE = swift build -c release -Xswiftc -Osize -Xswiftc -Xfrontend -Xswiftc -function-sections --static-swift-stdlib -Xlinker --no-export-dynamic -Xlinker --icf=all -Xlinker -znow -j $(JOBS) --product

.PHONY: help setup setup-build build release deb bench-programs demo test lint import-check icu-check unit bench soak hil clean arm64-proof

help:  ## Say what there is to make.
	@sed -n 's/^\([a-z0-9-]*\):.*##/\1\t/p' Makefile | expand -t 16

setup:  ## Install what is missing for building and testing (Debian).
	@scripts/setup all

setup-build:
	@scripts/setup build

build: setup-build  ## Build sensor-agent and local-hub for trying out.
	swift build -j $(JOBS) --product sensor-agent
	swift build -j $(JOBS) --product local-hub

release: setup-build  ## Build the static, stripped program: .build/release/sensor-agent.stripped
	$(RELEASE) sensor-agent
	strip -o .build/release/sensor-agent.stripped .build/release/sensor-agent

deb:  ## Pack it for this Debian release: .build/deb/sensor-agent_VERSION_ARCH.deb
	@scripts/setup package
	@$(MAKE) --no-print-directory release
	packaging/build-deb .build/release/sensor-agent.stripped .build/deb

arm64-proof: setup-build  ## Cross-build for arm64, and run that in an emulated Raspberry Pi 3. Downloads 1.4 GB once.
	@JOBS=$(JOBS) scripts/arm64-proof

demo: build  ## Run local-hub and a simulated agent until Ctrl-C, or for FOR seconds.
	@scripts/demo $(FOR)

test: setup lint import-check icu-check deb  ## Everything that has to pass, on a clean clone too.
	swift build --build-tests -j $(JOBS)
	@scripts/run-tests

lint:  ## Check the format of all sources.
	swift format lint --strict --recursive $(SWIFT_SOURCES)

import-check:  ## Check that every import is a named dependency.
	swift build --build-tests --explicit-target-dependency-import-check error -j $(JOBS)

icu-check: setup-build  ## Check that the release program carries no ICU data.
	$(RELEASE) sensor-agent
	@count=$$(nm .build/release/sensor-agent | grep -c icudt || true); \
	echo "ICU symbols in the release program: $$count"; test "$$count" -eq 0

# Built like the agent, so that they measure its code as it is shipped; local-hub too, since other switches would build
# everything twice.
bench-programs: setup-build
	$(RELEASE) hub-bench
	$(RELEASE) agent-bench
	$(RELEASE) local-hub

bench: setup  ## Measure, side by side with references.
	bench/run

soak: setup-build  ## The long checks, parts by PART="NAME ..." (scripts/soak); minutes to hours.
	@JOBS=$(JOBS) scripts/soak $(PART)

# Further words of scripts/hil: ARGS="--relay LINE --input LINE --sensor NAME --dry-run"
hil:  ## Check the installed service on a real board, by ssh: BOARD=pi@HOST; the report is hil-report.json.
	@scripts/hil $(or $(BOARD),$(error Say which board: make hil BOARD=pi@raspberrypi.local)) --report hil-report.json $(ARGS)

clean:  ## Remove everything built.
	rm -rf .build
