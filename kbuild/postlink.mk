# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Checks vmlinux.o in a kernel build without a change to the kernel's tree:
#
#     make ARCH_POSTLINK=/path/to/kbuild/postlink.mk ...
#
# The path is absolute: make reads this in the build directory. ARCH_POSTLINK is
# the kernel's own hook for what an architecture does after the final link. Where
# the tree has one, it runs first.
#
# This warns and never fails the build: make deletes the vmlinux whose rule
# failed. To fail, run "hypcheck -E --build DIR" after the build.
#
# HYPCHECK       the command; default: the dist/hypcheck beside this folder
# HYPCHECKFLAGS  more options for it

hypcheck-home := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
HYPCHECK ?= $(or $(wildcard $(hypcheck-home)/dist/hypcheck),hypcheck)

tree-postlink := $(wildcard $(srctree)/arch/$(SRCARCH)/Makefile.postlink)

quiet_hypcheck = HYPCHK  vmlinux.o
hypcheck = $(HYPCHECK) --build . --source $(srctree) $(HYPCHECKFLAGS) vmlinux.o

own = $(if $(tree-postlink),$(Q)$(MAKE) -f $(tree-postlink) $@,@true)

# vmlinux has another name while it is linked from v6.15 on
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
