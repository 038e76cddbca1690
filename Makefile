# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Thin names for what a user does; the logic is in package.json and in the
# scripts that are called.

.PHONY: build demo check check-kernel bench format install-kernel uninstall-kernel clean help

build: dist/hypcheck ## install what is needed and build dist/hypcheck

demo: dist/hypcheck ## build, and check the shipped samples
	@sh test/demo

check: node_modules/.package-lock.json dist/hypcheck ## run the tests
	npm run --silent types
	npm run --silent lint
	npm test --silent

# KERNEL=6.1 or 6.12: only that one.
check-kernel: dist/hypcheck ## build Debian's kernels (cached) and check them
	sh test/kernel/check-kernel $(KERNEL)

# BENCH_BUILD=DIR: a large kernel of your own; test/bench/bench has more.
bench: dist/hypcheck ## measure against modpost and node
	BENCH_BUILD=$(BENCH_BUILD) sh test/bench/bench $(BENCH)

format: node_modules/.package-lock.json ## format and lint the sources
	npm run --silent format

install-kernel: dist/hypcheck ## put the hook into a kernel tree: KDIR=/path/to/linux
	sh kbuild/install-kernel $(KDIR)

uninstall-kernel: ## take it out again: KDIR=/path/to/linux
	sh kbuild/install-kernel --uninstall $(KDIR)

clean: ## remove what was built
	rm -rf dist .tap

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "%-18s %s\n", $$1, $$2 }'

dist/hypcheck: node_modules/.package-lock.json $(shell find bin lib -name '*.ts' -o -name '*.js') package.json
	npm run --silent build
	@touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
