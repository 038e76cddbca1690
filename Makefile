# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Thin names for what a user does; the logic is in package.json and in the
# scripts that are called.

.PHONY: build demo check check-kernel mutants bench format install-kernel uninstall-kernel install uninstall sbom check-packages clean help

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

mutants: node_modules/.package-lock.json ## damage the samples 20,000 times, and see what comes of it
	sh test/mutation/mutate

# BENCH_BUILD=DIR: a large kernel of your own; test/bench/bench has more.
bench: dist/hypcheck ## measure against modpost and node
	BENCH_BUILD=$(BENCH_BUILD) sh test/bench/bench $(BENCH)

format: node_modules/.package-lock.json ## format and lint the sources
	npm run --silent format

install-kernel: dist/hypcheck ## put the hook into a kernel tree: KDIR=/path/to/linux
	sh kbuild/install-kernel "$(KDIR)"

uninstall-kernel: ## take it out again: KDIR=/path/to/linux
	sh kbuild/install-kernel --uninstall "$(KDIR)"

# Where packages put things; DESTDIR is in front of it all. NODE: what the program's first line shall name, instead of
# a shell that looks for node.
PREFIX ?= /usr/local
root = $(DESTDIR)$(PREFIX)
share = $(root)/share

install: ## install what was built: PREFIX=/usr/local DESTDIR= NODE=/usr/bin/node
	@test -e dist/hypcheck || { echo 'make install: nothing was built; make first' >&2; exit 1; }
	rm -rf "$(share)/hypcheck"
	install -d "$(root)/bin" "$(share)/hypcheck/dist" "$(share)/doc/hypcheck" "$(share)/man/man1" \
	    "$(share)/bash-completion/completions" "$(share)/zsh/site-functions" "$(share)/fish/vendor_completions.d"
	cp -R kbuild "$(share)/hypcheck/"
	rm -rf "$(share)/hypcheck/kbuild/packaging" "$(share)/hypcheck/kbuild/make-patches"
	sed '$(if $(NODE),1s|.*|#!$(NODE)|)' dist/hypcheck >"$(share)/hypcheck/dist/hypcheck"
	chmod 755 "$(share)/hypcheck/dist/hypcheck"
	install -m 644 dist/LICENSES.txt "$(share)/hypcheck/dist/"
	ln -sf ../share/hypcheck/dist/hypcheck "$(root)/bin/hypcheck"
	install -m 644 README.md CHANGELOG.md LICENSE dist/LICENSES.txt dist/warnings.html "$(share)/doc/hypcheck/"
	install -m 644 dist/hypcheck.1 "$(share)/man/man1/"
	install -m 644 dist/completions/hypcheck "$(share)/bash-completion/completions/"
	install -m 644 dist/completions/_hypcheck "$(share)/zsh/site-functions/"
	install -m 644 dist/completions/hypcheck.fish "$(share)/fish/vendor_completions.d/"

uninstall: ## take out what install put in
	rm -rf "$(root)/bin/hypcheck" "$(share)/hypcheck" "$(share)/doc/hypcheck" "$(share)/man/man1/hypcheck.1" \
	    "$(share)/bash-completion/completions/hypcheck" "$(share)/zsh/site-functions/_hypcheck" \
	    "$(share)/fish/vendor_completions.d/hypcheck.fish"

sbom: dist/hypcheck ## list what the program contains, as CycloneDX
	npm sbom --sbom-format=cyclonedx --omit=dev --package-lock-only >dist/hypcheck.cdx.json

check-packages: dist/hypcheck ## build, lint and install the .deb and the .rpm, where the tools are
	sh kbuild/packaging/build-packages dist/packages

clean: ## remove what was built
	rm -rf dist .tap

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "%-18s %s\n", $$1, $$2 }'

dist/hypcheck: node_modules/.package-lock.json $(shell find bin lib -name '*.ts' -o -name '*.js') package.json
	npm run --silent build
	@touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
