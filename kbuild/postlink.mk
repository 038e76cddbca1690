# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Checks vmlinux.o in a kernel build, without any change to the kernel tree:
#
#     make ARCH_POSTLINK=/path/to/kbuild/postlink.mk ...
#
# The path must be absolute, because make reads this file in the build directory.
# ARCH_POSTLINK is the kernel's hook for architecture-specific steps after the final
# link. If the tree has an arch/*/Makefile.postlink, that runs first.
#
# This only warns and never fails the build, because make deletes vmlinux if its rule
# fails. To get an error, run "hypcheck -E --build DIR" after the build.
#
# HYPCHECK       the command; default: ../dist/hypcheck, else hypcheck from PATH
# HYPCHECKFLAGS  additional options

hypcheck-home := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
HYPCHECK ?= $(or $(wildcard $(hypcheck-home)/dist/hypcheck),hypcheck)

tree-postlink := $(wildcard $(srctree)/arch/$(SRCARCH)/Makefile.postlink)

quiet_hypcheck = HYPCHK  vmlinux.o
hypcheck = $(HYPCHECK) --build . --source $(srctree) $(HYPCHECKFLAGS) vmlinux.o

own = $(if $(tree-postlink),$(Q)$(MAKE) -f $(tree-postlink) $@,@true)

# From v6.15 on, the linked file is vmlinux.unstripped
.PHONY: vmlinux vmlinux.unstripped clean
vmlinux vmlinux.unstripped:
	$(own)
ifneq ($(quiet),silent_)
	@echo '  $($(quiet)hypcheck)'
endif
	@$(hypcheck) || echo "hypcheck: warning: vmlinux.o: exit status $$?" >&2

clean:
	$(own)

%.ko: FORCE
	$(own)

.PHONY: FORCE
FORCE:
