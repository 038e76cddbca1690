# SPDX-License-Identifier: GPL-2.0-only OR MIT
# ===========================================================================
# hypcheck: checks that KVM/arm64 EL2 code only refers to what EL2 maps
# ===========================================================================
#
# The top Makefile runs this file if CONFIG_DEBUG_HYP_SECTION_MISMATCH is set, with
# one of three goals:
#
#   vmlinux   after vmlinux.o was linked; with CONFIG_DEBUG_HYP_INLINE_STRESS,
#             also does the stress build
#   modules   after the modules in modules.order were linked
#   kvm       after a single directory was built, as by "make arch/arm64/kvm/"
#
# Each check has a stamp file, written only if everything was checked. A failed
# check leaves no stamp and deletes nothing, so the next make reports it again. The
# names of stamps end in .tmp because "make clean" removes such files, also from the
# directory of an external module.
#
# HYPCHECK       the command; "false" skips the check
# HYPCHECKFLAGS  additional options; a file named here is a prerequisite

PHONY := vmlinux modules kvm
vmlinux:

include $(objtree)/include/config/auto.conf
include $(srctree)/scripts/Kbuild.include

# The program in this tree, or else one from PATH
hypcheck-program := $(wildcard $(srctree)/scripts/hypcheck/hypcheck.cjs)
HYPCHECK ?= $(if $(hypcheck-program),node $(hypcheck-program),hypcheck)

# node reads the certificates named here whenever it starts; no check needs one
unexport NODE_EXTRA_CA_CERTS

# Reviewed exceptions, if the tree has any
hypcheck-suppressions := $(wildcard $(srctree)/scripts/hypcheck/suppressions)

hypcheck-flags = --source $(srctree)					\
	$(if $(CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY),,-E)		\
	$(addprefix --suppressions ,$(hypcheck-suppressions))		\
	$(HYPCHECKFLAGS)

# The files named in a command: the check is repeated if one of them changes
files-of = $(foreach w,$(1),$(if $(wildcard $(w)/.),,$(wildcard $(w))))

hypcheck-deps := $(sort $(call files-of,$(filter-out node,$(HYPCHECK)))	\
	$(call files-of,$(subst =, ,$(HYPCHECKFLAGS))) $(hypcheck-suppressions))

# stamp-if COMMAND,WHAT: runs COMMAND to check WHAT, and writes the stamp if it
# succeeds. The stamp's time is when the check began, so anything linked during the
# check is newer. In the else branch, $$? is the exit status of COMMAND; explain.sh
# prints what it means, and fails only if findings are errors. If the program is
# missing, explain.sh reports that as well.
new-stamp = $(@:.tmp=-new.tmp)
stamp-if = if command -v $(firstword $(HYPCHECK)) > /dev/null &&	\
	   touch $(new-stamp) && $(strip $(1));				\
	then mv -f $(new-stamp) $@; else status=$$?; rm -f $(new-stamp);	\
		$(CONFIG_SHELL) $(srctree)/scripts/hypcheck/explain.sh	\
			$$status $(or $(CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY),n) \
			'$(2)' $(HYPCHECK);				\
	fi

# --build is needed: by itself, hypcheck does not use a build directory that is not
# the user's own
quiet_cmd_hypcheck = HYPCHK  $(checked)
      cmd_hypcheck = rm -f $@; $(prepare-list)				\
	$(call stamp-if,$(HYPCHECK) --build $(objtree) $(hypcheck-flags)	\
		$(inputs),$(checked))

# vmlinux.o
# ---------------------------------------------------------------------------

ifneq ($(filter vmlinux,$(MAKECMDGOALS)),)
stamp   := .hypcheck-vmlinux.tmp
checked := vmlinux.o
inputs  := vmlinux.o
prereqs := vmlinux.o
endif

# The stress build
# ---------------------------------------------------------------------------
#
# Compiles the objects with hyp code a second time with -fno-inline, into a directory
# that "make clean" removes; they are never linked. Not needed from 5.9 on: there hyp
# code is linked separately, together with its helpers that were not inlined.

ifneq ($(CONFIG_DEBUG_HYP_INLINE_STRESS),)
ifneq ($(filter vmlinux,$(MAKECMDGOALS)),)
stress-stamp  := .hypcheck-stress.tmp
stress-folder := .hypcheck-stress
stressed      := stress build (-fno-inline)

ifneq ($(wildcard arch/arm64/kvm/hyp/nvhe/.),)

quiet_cmd_stress = HYPCHK  $(stressed) [not needed: hyp code is linked separately]
      cmd_stress = : not needed, hyp code is linked separately; touch $@

else

stress-script  := $(srctree)/scripts/hypcheck/stress-build
stress-prereqs := $(stress-script) $(hypcheck-deps) $(filter-out %/built-in.o,	\
	$(wildcard arch/arm64/kvm/hyp/*.o arch/arm64/kvm/hyp-init.o	\
		   virt/kvm/arm/hyp/*.o virt/kvm/arm/aarch32.o		\
		   arch/arm64/kernel/hyp-stub.o))

quiet_cmd_stress = HYPCHK  $(stressed)
      cmd_stress = rm -rf $@ $(stress-folder);				\
	$(call stamp-if,HYPCHECK='$(call escsq,$(HYPCHECK))' $(CONFIG_SHELL)		\
		$(stress-script) . $(stress-folder) $(hypcheck-flags),$(stressed))

endif
endif
endif

# Modules
# ---------------------------------------------------------------------------
#
# With M=, modules.order is in that directory. From 6.13 on, make runs there (then
# $(objtree) is not "."), before in the kernel's build directory. Lines name .ko or
# .o files, before 5.3 with "kernel/" in front.

ifneq ($(filter modules,$(MAKECMDGOALS)),)
dir     := $(if $(KBUILD_EXTMOD),$(if $(filter .,$(objtree)),$(KBUILD_EXTMOD)/))
listed  := $(patsubst %.o,%.ko,$(shell cat $(dir)modules.order 2>/dev/null))
prefix  := $(if $(wildcard $(firstword $(listed))),,kernel/)
list    := $(dir).hypcheck-modules.list.tmp

stamp   := $(dir).hypcheck-modules.tmp
checked := $(dir)modules.order
inputs  := @$(list)
prereqs := $(wildcard $(listed:$(prefix)%=%))
# Passed as a file: the list may be too long for a command line
prepare-list = sed -e 's:^$(prefix)::' -e 's:\.o$$:.ko:' $(checked) > $(list);
endif

# KVM alone
# ---------------------------------------------------------------------------
#
# From 5.10 on, kvm_nvhe.o contains all hyp code; before, the archive or object of
# the whole directory does. Skipped if another goal may link vmlinux, because every
# finding would be reported twice.

ifneq ($(filter kvm,$(MAKECMDGOALS)),)
other-goals := $(filter-out %/ %.a %.i %.ko %.lds %.ll %.lst %.mod %.o %.rsi %.s \
	%.symtypes %config %clean mrproper prepare modules_prepare,		\
	$(or $(KBUILD_HYPCHECK_GOALS),$(goals)))

nvhe  := $(if $(filter arch/arm64/kvm/%,$(goal)),$(wildcard arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o))
whole := $(if $(filter arch/arm64/kvm/,$(goal)),$(wildcard arch/arm64/kvm/built-in.[ao]))

stamp   := .hypcheck-kvm.tmp
checked := $(if $(other-goals),,$(or $(nvhe),$(whole)))
inputs  := --whole $(checked)
prereqs := $(checked)
endif

# ---------------------------------------------------------------------------

ifneq ($(prereqs),)
ifneq ($(filter-out false,$(HYPCHECK)),)

$(MAKECMDGOALS): $(stamp) $(stress-stamp)

$(stamp): $(prereqs) $(hypcheck-deps) FORCE
	$(call if_changed,hypcheck)

# After the check of the kernel itself
$(stress-stamp): $(stress-prereqs) FORCE | $(stamp)
	$(call if_changed,stress)

targets := $(stamp) $(stress-stamp)

else

# Printed once per build, so not for the modules
$(filter-out modules,$(MAKECMDGOALS)): off

off:
	@$(if $(filter silent_,$(quiet)),:,echo '  HYPCHK  $(checked) [off: HYPCHECK=false]')

endif
endif

vmlinux modules kvm:
	@:

PHONY += off FORCE
FORCE:

-include $(foreach f,$(wildcard $(targets)),$(dir $(f)).$(notdir $(f)).cmd)

.PHONY: $(PHONY)
