// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Small source trees that stand in for kernels. Each has the lines that kbuild/install-kernel looks for, in
// the form they have in that version, and just enough else for `make` to build three text files as if they
// were vmlinux.o, KVM's object and a module. So the hook can be tested in seconds, and for versions whose
// sources are not at hand. What differs between versions:
//
//   4.16        link-vmlinux.sh makes vmlinux.o, and removes it if a step fails; a pattern rule builds a
//               single directory; modules.order has kernel/ before each name
//   5.4, 5.6    the same script; single-no-ko builds a single directory; make deletes targets of failed rules
//   6.1         a separate rule makes vmlinux.o; `make -s` redirects standard output to /dev/null
//   6.12, 7.3   saved commands are called savedcmd_; modules.order names .o files; 7.3 runs in M=
//
// Trees with that script have an object of hyp code and its saved command. Its compiler, scripts/cc, copies the
// source; with -fno-inline, HINT becomes BUG, and ERROR does not compile.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const allVersions = ['4.16', '5.4', '5.6', '6.1', '6.12', '7.3'] as const;
export type Version = (typeof allVersions)[number];
/** These cover everything that differs; HYPCHECK_THOROUGH=1 adds the other versions. */
export const versions = allVersions.filter(
  (version) => process.env.HYPCHECK_THOROUGH === '1' || (version !== '5.4' && version !== '6.12'),
);

interface Shape {
  readonly linksInScript: boolean;
  readonly singleNoKo: boolean;
  readonly deletesOnError: boolean;
  readonly silencesStdout: boolean;
  readonly saved: 'cmd_' | 'savedcmd_';
  readonly modulesOrder: (module: string) => string;
  readonly hypervisorEntry: string;
}

const shapes: Readonly<Record<Version, Shape>> = {
  '4.16': shape({ singleNoKo: false, deletesOnError: false, modulesOrder: (m) => `kernel/${m}.ko` }),
  '5.4': shape({}),
  '5.6': shape({ hypervisorEntry: 'HYPERVISOR VIRTUAL CONSOLE DRIVER' }),
  '6.1': shape({ linksInScript: false, silencesStdout: true }),
  '6.12': shape({
    linksInScript: false,
    silencesStdout: true,
    saved: 'savedcmd_',
    modulesOrder: (m) => `${m}.o`,
  }),
  '7.3': shape({
    linksInScript: false,
    silencesStdout: true,
    saved: 'savedcmd_',
    modulesOrder: (m) => `${m}.o`,
  }),
};

function shape(differences: Partial<Shape>): Shape {
  return {
    linksInScript: true,
    singleNoKo: true,
    deletesOnError: true,
    silencesStdout: false,
    saved: 'cmd_',
    modulesOrder: (module) => `${module}.ko`,
    hypervisorEntry: 'Hyper-V CORE AND DRIVERS',
    ...differences,
  };
}

/** Writes a tree for the version into a new temporary folder and returns its path. */
export function makeKernelTree(version: Version): string {
  const tree = join(mkdtempSync(join(tmpdir(), 'hypcheck-kbuild-')), `linux-${version}`);
  for (const [path, text] of Object.entries(filesOf(version))) {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (path.endsWith('.sh')) chmodSync(file, 0o755);
  }
  return tree;
}

/** The contents of all files below a folder, by path, to compare two states of it. */
export function contentsOf(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(folder.length + 1)] = readFileSync(path, 'latin1');
  }
  return files;
}

function filesOf(version: Version): Readonly<Record<string, string>> {
  const shape = shapes[version];
  return {
    Makefile: topMakefile(version, shape),
    'lib/Kconfig.debug': kconfig,
    MAINTAINERS: maintainers(shape),
    'Documentation/dev-tools/index.rst':
      '.. toctree::\n\n   coccinelle\n   sparse\n   kcov\n\n.. only:: html\n',
    '.gitignore': '.*\n*.o\n',
    'arch/arm64/kvm/Makefile': 'obj-y += hyp/\n',
    'arch/arm64/kvm/hyp/switch.c': 'clean\n',
    'scripts/cc': compiler,
    'scripts/link-vmlinux.sh': linkScript,
    'scripts/Kbuild.include': kbuildInclude(shape),
    'scripts/Makefile.build': 'all: ;\n',
    'scripts/Makefile.modpost': modpost(shape),
    'vmlinux.txt': 'clean\n',
    'kvm.txt': 'clean\n',
    'module.txt': 'clean\n',
    ...(shape.linksInScript
      ? {}
      : { 'scripts/Makefile.vmlinux_o': makefileVmlinuxO, 'scripts/Makefile.modfinal': modfinal }),
  };
}

function topMakefile(version: Version, shape: Shape): string {
  const [major, minor] = version.split('.');
  const byItself = version === '7.3';
  return `VERSION = ${major}
PATCHLEVEL = ${minor}
SUBLEVEL = 7
EXTRAVERSION =

PHONY := __all
__all:

this := $(lastword $(MAKEFILE_LIST))
abs_srctree := $(realpath $(dir $(this)))
quiet = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),silent_,$(if $(filter 1,$(V)),,quiet_))
Q = $(if $(filter 1,$(V)),,@)
KBUILD_EXTMOD := $(M)
objtree := ${byItself ? '$(if $(M),$(if $(kbuild_objtree),$(kbuild_objtree),$(CURDIR)),.)' : '.'}
kbuild_objtree := $(objtree)
export quiet Q KBUILD_EXTMOD kbuild_objtree

ifneq ($(sub_make_done),1)
export sub_make_done := 1
elsewhere := ${byItself ? '$(or $(M),$(O))' : '$(O)'}
endif

ifneq ($(elsewhere),)
$(or $(MAKECMDGOALS),__all): sub-make
	@:
sub-make:
	$(Q)mkdir -p $(elsewhere)
	$(Q)$(MAKE) --no-print-directory -C $(elsewhere) -f $(abs_srctree)/Makefile $(MAKECMDGOALS)
else

export srctree := $(if $(filter $(CURDIR),$(abs_srctree)),.,$(if $(filter $(abs_srctree)/,$(dir $(CURDIR))),..,$(abs_srctree)))
export objtree
export CONFIG_SHELL := sh

single := $(filter %/,$(MAKECMDGOALS))
mixed-build := $(and $(single),$(filter-out %/,$(MAKECMDGOALS)))
ifneq ($(mixed-build),)
PHONY += $(MAKECMDGOALS) __build_one_by_one

$(MAKECMDGOALS): __build_one_by_one
	@:

__build_one_by_one:
	$(Q)set -e; for goal in $(MAKECMDGOALS); do $(MAKE) -f $(srctree)/Makefile $$goal; done
else

include $(srctree)/scripts/Kbuild.include
-include $(objtree)/include/config/auto.conf

__all: $(if $(M),modules,all)
all: vmlinux modules

# The hyp object: the archive of the directory, before kvm_nvhe.o existed
kvm-object := ${shape.linksInScript ? 'arch/arm64/kvm/built-in.o' : 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o'}
PHONY += descend clean
descend: FORCE
	$(Q)mkdir -p $(dir $(kvm-object))
	$(Q)cmp -s $(srctree)/kvm.txt $(kvm-object) || cp $(srctree)/kvm.txt $(kvm-object)
${shape.linksInScript ? compileHyp : ''}
${shape.linksInScript ? vmlinuxByScript : vmlinuxByRule}
${modulesRules(shape)}
${shape.singleNoKo ? singleNoKo : singlePattern}
PHONY += vmlinuxclean
vmlinuxclean:
	$(Q)$(CONFIG_SHELL) $(srctree)/scripts/link-vmlinux.sh clean

clean: $(if ${byItself ? '' : '$(M)'},,vmlinuxclean)
	@find $(or ${byItself ? '' : '$(M)'},.) \\( -name '.*.cmd' -o -name '.*.d' -o -name '.*.tmp' -o -name '*.ko' \\
		-o -name 'modules.order' -o -name '*.o' \\) -type f -print | xargs rm -f

existing := $(wildcard $(targets))
-include $(foreach f,$(existing),$(dir $(f)).$(notdir $(f)).cmd)

endif
endif

PHONY += FORCE
FORCE:

.PHONY: $(PHONY)
`;
}

const compileHyp = `
hyp := arch/arm64/kvm/hyp/switch
compile := sh $(srctree)/scripts/cc -Wp,-MD,arch/arm64/kvm/hyp/.switch.o.d -c -o $(hyp).o $(srctree)/$(hyp).c
descend: $(hyp).o
$(hyp).o: $(srctree)/$(hyp).c
	$(Q)mkdir -p $(@D)
	$(Q)$(compile)
	@printf '%s\\n' 'cmd_$@ := $(compile)' '' 'source_$@ := $<' > $(@D)/.$(@F).cmd
`;

const compiler = `#!/bin/sh
edit='' wrong='no source says this'
while [ $# -gt 1 ]; do
	case $1 in
	-fno-inline) edit=s/HINT/BUG/ wrong=ERROR ;;
	-o) object=$2 && shift ;;
	*.c) source=$1 ;;
	esac
	shift
done
case $1 in *.c) source=$1 ;; esac
! grep "$wrong" "$source" >&2 || exit 1
sed "$edit" "$source" > "$object"
`;

const vmlinuxByScript = `cmd_link-vmlinux = $(CONFIG_SHELL) $<

vmlinux: scripts/link-vmlinux.sh descend $(srctree)/vmlinux.txt FORCE
	+$(call if_changed,link-vmlinux)

targets := vmlinux
VPATH := $(srctree)
`;

const vmlinuxByRule = `PHONY += vmlinux_o
vmlinux_o: descend
	$(Q)$(MAKE) -f $(srctree)/scripts/Makefile.vmlinux_o

vmlinux.o: vmlinux_o
	@:

vmlinux: vmlinux.o
	$(Q)cmp -s $< $@ || cp $< $@
`;

/** Up to 5.x there is a second rule for modules, for M=; from 6.1 on, the only one contains a conditional. */
function modulesRules(shape: Shape): string {
  const recipe = '\t$(Q)$(MAKE) -f $(srctree)/scripts/Makefile.modpost\n';
  if (shape.linksInScript) {
    return `ifeq ($(M),)
PHONY += modules
modules: $(if $(KBUILD_BUILTIN),vmlinux) descend
${recipe}
else
modules: descend
${recipe}
endif`;
  }
  return `modules: modpost
ifneq ($(KBUILD_MODPOST_NOFINAL),1)
	$(Q)$(MAKE) -f $(srctree)/scripts/Makefile.modfinal
endif

PHONY += modpost
modpost: descend
${recipe}`;
}

const singleNoKo = `single-no-ko := $(single)
ifneq ($(single-no-ko),)
$(single-no-ko): descend
	@:
endif
`;

/** Two rules without a blank line between them, as in 4.16. */
const singlePattern = `build := -f $(srctree)/scripts/Makefile.build obj
build-dir = $(patsubst %/,%,$(dir $@))
%/: descend
	$(Q)$(MAKE) KBUILD_MODULES=1 \\
	$(build)=$(build-dir)
%.ko: descend
	@:
`;

const makefileVmlinuxO = `include $(srctree)/scripts/Kbuild.include

quiet_cmd_ld_vmlinux.o = LD      $@
      cmd_ld_vmlinux.o = cp $< $@

vmlinux.o: $(srctree)/vmlinux.txt FORCE
	$(call if_changed,ld_vmlinux.o)

FORCE:
PHONY := FORCE
-include ./.vmlinux.o.cmd
`;

const linkScript = `#!/bin/sh
set -e
if [ "$1" = clean ]; then
	rm -f vmlinux vmlinux.o
	exit
fi
trap 'test $? -eq 0 || rm -f vmlinux vmlinux.o' EXIT
test "$quiet" = silent_ || echo '  LD      vmlinux.o'
cp "$srctree/vmlinux.txt" vmlinux.o
test "$quiet" = silent_ || echo '  LD      vmlinux'
cp vmlinux.o vmlinux
`;

/** One module, m.ko, in the tree or in M=; none without module.txt. */
function modpost(shape: Shape): string {
  return `dir := $(if $(KBUILD_EXTMOD),$(if $(filter .,$(objtree)),$(KBUILD_EXTMOD)/))
text := $(wildcard $(if $(KBUILD_EXTMOD),$(dir),$(srctree)/)module.txt)
all:
	@$(if $(text),echo '${shape.modulesOrder('$(dir)m')}',:) > $(dir)modules.order.new
	@cmp -s $(dir)modules.order.new $(dir)modules.order || cp $(dir)modules.order.new $(dir)modules.order
	@rm $(dir)modules.order.new
${shape.linksInScript ? copyModule : ''}`;
}

const copyModule = '\t@$(if $(text),cmp -s $(text) $(dir)m.ko || cp $(text) $(dir)m.ko)\n';

const modfinal = `dir := $(if $(KBUILD_EXTMOD),$(if $(filter .,$(objtree)),$(KBUILD_EXTMOD)/))
text := $(wildcard $(if $(KBUILD_EXTMOD),$(dir),$(srctree)/)module.txt)
all:
${copyModule}	@:
`;

/** The macros of scripts/Kbuild.include that a hook may use, written anew for what they promise. */
function kbuildInclude(shape: Shape): string {
  return `squote := '
pound := \\#
escsq = $(subst $(squote),'\\$(squote)',$1)
dot-target = $(dir $@).$(notdir $@)
say = $(if $($(quiet)cmd_$(1)),echo '  $(call escsq,$($(quiet)cmd_$(1)))';)
silence = $(if $(filter silent_,$(quiet)),${shape.silencesStdout ? 'exec >/dev/null;' : ''})
cmd = @set -e; $(say) $(silence) $(cmd_$(1))
newer = $(filter-out $(PHONY),$?)
saved-text = $(call escsq,$(subst $(pound),$$(pound),$(subst $$,$$$$,$(cmd_$(1)))))
if_changed = $(if $(newer)$(filter-out $(strip $(${shape.saved}$@)),$(strip $(cmd_$(1))))$(if $(wildcard $@),,y),\\
	$(cmd); printf '%s\\n' '${shape.saved}$@ := $(saved-text)' > $(dot-target).cmd,@:)
${shape.deletesOnError ? '.DELETE_ON_ERROR:\n' : ''}`;
}

const kconfig = `config DEBUG_SECTION_MISMATCH
	bool "The model"
	help
	  Its help.

config SECTION_MISMATCH_WARN_ONLY
	bool "The model's switch"
	default y
	help
	  Its help.

	  Its last line.

#
# What comes next is no entry
#
config NEXT
	bool
`;

function maintainers(shape: Shape): string {
  return `List of maintainers
===================

I would say things here.

HYGROMETER
M:	Nobody <nobody@example.org>
S:	Maintained
F:	drivers/hygro/

${shape.hypervisorEntry}
M:	Nobody <nobody@example.org>
S:	Maintained
F:	drivers/hv/

I2C SUBSYSTEM
M:	Nobody <nobody@example.org>
S:	Maintained
F:	drivers/i2c/
`;
}
