# SPDX-License-Identifier: GPL-2.0-only OR MIT
# ===========================================================================
# hypcheck: does KVM/arm64 code at EL2 refer to anything that EL2 does not map?
# ===========================================================================
#
# The top Makefile runs this, under CONFIG_DEBUG_HYP_SECTION_MISMATCH, with one
# of three goals:
#
#   vmlinux   vmlinux.o has been linked; under CONFIG_DEBUG_HYP_INLINE_STRESS
#             the stress build, too
#   modules   the modules of modules.order have been linked
#   kvm       a directory was built by itself, as in "make arch/arm64/kvm/"
#
# Each check has a stamp, which exists only after everything was checked. A failure
# leaves no stamp and deletes no file, so the next make reports it again. The names
# of stamps end in .tmp because "make clean" removes such files, also from the
# directory of an external module.
#
# HYPCHECK       the command; "false" switches the check off
# HYPCHECKFLAGS  more options for it; a file named here is a prerequisite

PHONY := vmlinux modules kvm
vmlinux:

include $(objtree)/include/config/auto.conf
include $(srctree)/scripts/Kbuild.include

# The program in this tree, or the one that a distribution has put on PATH
hypcheck-program := $(wildcard $(srctree)/scripts/hypcheck/hypcheck.cjs)
HYPCHECK ?= $(if $(hypcheck-program),node $(hypcheck-program),hypcheck)

# Reviewed exceptions, if the tree has any
hypcheck-suppressions := $(wildcard $(srctree)/scripts/hypcheck/suppressions)

hypcheck-flags = --source $(srctree)					\
	$(if $(CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY),,-E)		\
	$(addprefix --suppressions ,$(hypcheck-suppressions))		\
	$(HYPCHECKFLAGS)

# Files named in a command, so that a new program checks again
files-of = $(foreach w,$(1),$(if $(wildcard $(w)/.),,$(wildcard $(w))))

hypcheck-deps := $(sort $(call files-of,$(filter-out node,$(HYPCHECK)))	\
	$(call files-of,$(subst =, ,$(HYPCHECKFLAGS))) $(hypcheck-suppressions))

# stamp-if COMMAND,WHAT: the stamp says that the command checked all of it. It has
# the time when the check began, so that anything linked meanwhile is newer. $$? in
# the else branch is the status of the command. explain.sh says in one sentence
# what it means, and fails only if findings are errors. It also reports, instead of
# the shell, that the program is missing.
new-stamp = $(@:.tmp=-new.tmp)
stamp-if = if command -v $(firstword $(HYPCHECK)) > /dev/null &&	\
	   touch $(new-stamp) && $(strip $(1));				\
	then mv -f $(new-stamp) $@; else status=$$?; rm -f $(new-stamp);	\
		$(CONFIG_SHELL) $(srctree)/scripts/hypcheck/explain.sh	\
			$$status $(or $(CONFIG_HYP_SECTION_MISMATCH_WARN_ONLY),n) \
			'$(2)' $(HYPCHECK);				\
	fi

# Named with --build: the program would not trust a directory of somebody else
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
# Compiles the objects with hyp code once more, as if no inline hint had been
# honoured, into a folder that "make clean" removes; they are never linked. From 5.9
# on hyp code is linked on its own, together with helpers that are not inlined.

ifneq ($(CONFIG_DEBUG_HYP_INLINE_STRESS),)
ifneq ($(filter vmlinux,$(MAKECMDGOALS)),)
stress-stamp  := .hypcheck-stress.tmp
stress-folder := .hypcheck-stress
stressed      := stress build (-fno-inline)

ifneq ($(wildcard arch/arm64/kvm/hyp/nvhe/.),)

quiet_cmd_stress = HYPCHK  $(stressed) [not needed: hyp code is linked by itself]
      cmd_stress = : not needed, hyp code is linked by itself; touch $@

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
# Where M= has a directory, modules.order is there, unless make itself works
# there (6.13 and later, where $(objtree) is not "."). Lines name .ko or .o
# files, before 5.3 with "kernel/" in front.

ifneq ($(filter modules,$(MAKECMDGOALS)),)
dir     := $(if $(KBUILD_EXTMOD),$(if $(filter .,$(objtree)),$(KBUILD_EXTMOD)/))
listed  := $(patsubst %.o,%.ko,$(shell cat $(dir)modules.order 2>/dev/null))
prefix  := $(if $(wildcard $(firstword $(listed))),,kernel/)
list    := $(dir).hypcheck-modules.list.tmp

stamp   := $(dir).hypcheck-modules.tmp
checked := $(dir)modules.order
inputs  := @$(list)
prereqs := $(wildcard $(listed:$(prefix)%=%))
# Make's own list would be too long for a command
prepare-list = sed -e 's:^$(prefix)::' -e 's:\.o$$:.ko:' $(checked) > $(list);
endif

# KVM by itself
# ---------------------------------------------------------------------------
#
# From 5.10 on kvm_nvhe.o contains all hyp code; before that, the built-in objects of
# the whole directory do. Not if another goal may link vmlinux: everything would be
# reported twice.

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

# After the check of what will boot
$(stress-stamp): $(stress-prereqs) FORCE | $(stamp)
	$(call if_changed,stress)

targets := $(stamp) $(stress-stamp)

else

# Said once in a build, so not for its modules
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
