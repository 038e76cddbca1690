#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Rebuilds the sample objects, or checks that they are what the sources give:
#
#   sh test/samples/build.sh [OBJECT...]          rebuild (all, or those named)
#   sh test/samples/build.sh --check [OBJECT...]  rebuild elsewhere and compare bytes
#   sh test/samples/build.sh --list               object, then its sources, one object a line
#
# The tables at the end hold what is made of what, with which options. Objects
# are built from the repository's root with relative names, so neither the place
# of the checkout nor that of the result shows in them. A compiler that is not
# here is said and its objects are left as they are.

set -eu
cd "$(dirname "$0")/../.."
samples=test/samples

GCC=${GCC:-aarch64-linux-gnu-gcc}
CLANG=${CLANG:-clang-19}
LD=${LD:-aarch64-linux-gnu-ld}
LLD=${LLD:-ld.lld-19}
OBJCOPY=${OBJCOPY:-aarch64-linux-gnu-objcopy}
READELF=${READELF:-aarch64-linux-gnu-readelf}
AR=${AR:-aarch64-linux-gnu-ar}
LC_ALL=C
SOURCE_DATE_EPOCH=0
export LC_ALL SOURCE_DATE_EPOCH

common="-ffile-prefix-map=$PWD=. -std=gnu11 -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-strict-aliasing
	-Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-label -I$samples/include"
gcc_only="-mno-outline-atomics -fno-section-anchors -mbranch-protection=none"
clang_only="--target=aarch64-linux-gnu -mno-outline-atomics -Wno-gnu -Wno-unused-command-line-argument
	-Wno-unknown-attributes -fno-addrsig"

mode=build
case "${1:-}" in
--check) mode=check; shift ;;
--list) mode=list; shift ;;
-*) echo "usage: build.sh [--check | --list] [OBJECT...]" >&2; exit 2 ;;
esac
wanted=$*

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
good=0
bad=0
skipped=0

have() { command -v "$1" >/dev/null 2>&1; }

is_wanted() {
	[ -z "$wanted" ] && return 0
	for each in $wanted; do
		[ "${each#"$samples"/}" = "$1" ] && return 0
	done
	return 1
}

# source_of STEM: the .c or .S of that name.
source_of() {
	if [ -e "$samples/$1.c" ]; then echo "$samples/$1.c"; else echo "$samples/$1.S"; fi
}

# compile COMPILER SOURCE RESULT OPTION...
compile() {
	compiler=$1 source=$2 result=$3
	shift 3
	case $compiler in
	gcc) "$GCC" $common $gcc_only "$@" -c "$source" -o "$result" ;;
	clang) "$CLANG" $common $clang_only "$@" -c "$source" -o "$result" ;;
	esac
}

program_of() { case $1 in gcc) echo "$GCC" ;; clang) echo "$CLANG" ;; esac; }

# deliver NAME FILE: into place, or compared with what is there.
deliver() {
	if [ "$mode" = build ]; then
		mkdir -p "$(dirname "$samples/$1")"
		cp "$2" "$samples/$1"
		good=$((good + 1))
	elif cmp -s "$2" "$samples/$1"; then
		good=$((good + 1))
	else
		echo "build.sh: $1 differs from what its source gives" >&2
		bad=$((bad + 1))
	fi
}

skip() {
	echo "build.sh: $1 skipped: no $2" >&2
	skipped=$((skipped + 1))
}

# object COMPILER NAME OPTION...: one source, one object. NAME is STEM.o or
# STEM.VARIANT.o.
object() {
	compiler=$1 name=$2
	shift 2
	is_wanted "$name" || return 0
	source=$(source_of "${name%%.*}")
	if [ "$mode" = list ]; then
		printf '%s\t%s\n' "$samples/$name" "$source"
	elif have "$(program_of "$compiler")"; then
		compile "$compiler" "$source" "$scratch/object.o" "$@"
		deliver "$name" "$scratch/object.o"
	else
		skip "$name" "$(program_of "$compiler")"
	fi
}

# linked NAME STEM... -- OPTION...: several sources, one `ld -r`.
linked() {
	name=$1
	shift
	is_wanted "$name" || return 0
	stems=
	while [ "$1" != -- ]; do stems="$stems $1"; shift; done
	shift
	if [ "$mode" = list ]; then
		printf '%s' "$samples/$name"
		for stem in $stems; do printf '\t%s' "$(source_of "$stem")"; done
		echo
		return
	fi
	if ! have "$GCC"; then skip "$name" "$GCC"; return; fi
	parts=
	for stem in $stems; do
		compile gcc "$(source_of "$stem")" "$scratch/$(basename "$stem").part.o" "$@"
		parts="$parts $scratch/$(basename "$stem").part.o"
	done
	"$LD" -r -o "$scratch/object.o" $parts
	deliver "$name" "$scratch/object.o"
}

# The relative addresses of all 64-bit absolute slots in .hyp* sections, as
# assembly: what the host walks at boot to turn them into hyp addresses.
hyp_reloc() {
	echo '.section .hyp.reloc, "a"'
	"$READELF" -rW "$1" | awk '
		/^Relocation section/ { section = $3; gsub(/\047/, "", section); sub(/^\.rela/, "", section) }
		$3 == "R_AARCH64_ABS64" && section ~ /^\.hyp/ {
			printf ".long __hyp_section_%s + 0x%s - .\n", section, $1
		}'
}

# nvhe CASE OPTION...: the separate link. CASE/nvhe-*.[cS] are hyp code,
# CASE/host*.[cS] the rest of the kernel; the result lies in CASE-build as in a
# kernel's build directory.
nvhe() {
	case=$1
	shift
	tree=nvhe/$case-build
	is_wanted "$tree/vmlinux.o" || is_wanted "$tree/kvm_nvhe.o" || return 0
	set -- "$@" -I"$samples/nvhe/$case"
	if [ "$mode" = list ]; then
		printf '%s' "$samples/$tree/vmlinux.o"
		for source in "$samples/nvhe/$case"/*.[cS]; do [ -e "$source" ] && printf '\t%s' "$source"; done
		echo
		return
	fi
	if ! have "$GCC"; then skip "$tree" "$GCC"; return; fi
	hyp= host=
	for source in "$samples/nvhe/$case"/*.[cS]; do
		[ -e "$source" ] || continue
		part=$scratch/$(basename "$source").o
		compile gcc "$source" "$part" "$@"
		case $source in
		*/nvhe-*) hyp="$hyp $part" ;;
		*) host="$host $part" ;;
		esac
	done
	# Where a case stands for kernels with another script, the script is in its build directory, as in theirs.
	script=$samples/$tree/arch/arm64/kvm/hyp/nvhe/hyp.lds
	[ -e "$script" ] || script=$samples/nvhe/hyp.lds
	"$LD" -r -T "$script" -o "$scratch/kvm_nvhe.tmp.o" $hyp
	hyp_reloc "$scratch/kvm_nvhe.tmp.o" > "$scratch/hyp-reloc.S"
	"$GCC" -c "$scratch/hyp-reloc.S" -o "$scratch/hyp-reloc.o"
	"$LD" -r -o "$scratch/kvm_nvhe.rel.o" "$scratch/kvm_nvhe.tmp.o" "$scratch/hyp-reloc.o"
	"$OBJCOPY" --prefix-symbols=__kvm_nvhe_ "$scratch/kvm_nvhe.rel.o" "$scratch/kvm_nvhe.o"
	"$LD" -r -o "$scratch/vmlinux.o" "$scratch/kvm_nvhe.o" $host
	deliver "$tree/vmlinux.o" "$scratch/vmlinux.o"
	# Where the steps between are wanted, they are there already or asked for.
	case $case in
	aliases)
		for step in kvm_nvhe.tmp.o kvm_nvhe.rel.o kvm_nvhe.o; do
			deliver "$tree/arch/arm64/kvm/hyp/nvhe/$step" "$scratch/$step"
		done ;;
	esac
}

# pkvm_module CASE OPTION...: a module with an EL2 part. CASE/hyp-*.c are hyp
# code, CASE/host.c the rest; the result lies in CASE-build, the EL2 part by
# itself in a folder below, as in a kernel's build directory.
pkvm_module() {
	case=$1
	shift
	tree=module/$case-build
	is_wanted "$tree/$case.ko" || is_wanted "$tree/hyp/kvm_nvhe.o" || return 0
	if [ "$mode" = list ]; then
		printf '%s' "$samples/$tree/hyp/kvm_nvhe.o"
		for source in "$samples/module/$case"/hyp-*.c; do printf '\t%s' "$source"; done
		printf '\n%s' "$samples/$tree/$case.ko"
		for source in "$samples/module/$case"/*.c; do printf '\t%s' "$source"; done
		echo
		return
	fi
	if ! have "$GCC"; then skip "$tree" "$GCC"; return; fi
	hyp= host=
	for source in "$samples/module/$case"/*.c; do
		part=$scratch/$(basename "$source").o
		compile gcc "$source" "$part" "$@"
		case $source in
		*/hyp-*) hyp="$hyp $part" ;;
		*) host="$host $part" ;;
		esac
	done
	"$LD" -r -T "$samples/module/hyp.lds" -o "$scratch/kvm_nvhe.tmp.o" $hyp
	hyp_reloc "$scratch/kvm_nvhe.tmp.o" > "$scratch/hyp-reloc.S"
	"$GCC" -c "$scratch/hyp-reloc.S" -o "$scratch/hyp-reloc.o"
	"$LD" -r -o "$scratch/kvm_nvhe.rel.o" "$scratch/kvm_nvhe.tmp.o" "$scratch/hyp-reloc.o"
	"$OBJCOPY" --prefix-symbols=__kvm_nvhe_ "$scratch/kvm_nvhe.rel.o" "$scratch/kvm_nvhe.o"
	"$LD" -r -T "$samples/module/ko.lds" -o "$scratch/$case.ko" "$scratch/kvm_nvhe.o" $host
	deliver "$tree/hyp/kvm_nvhe.o" "$scratch/kvm_nvhe.o"
	deliver "$tree/$case.ko" "$scratch/$case.ko"
}

# image NAME STEM SCRIPT LINKER OPTION...: one source, linked to its end.
image() {
	name=$1 stem=$2 script=$3 linker=$4
	shift 4
	is_wanted "$name" || return 0
	if [ "$mode" = list ]; then
		printf '%s\t%s\n' "$samples/$name" "$(source_of "$stem")"
		return
	fi
	for program in "$GCC" "$linker"; do
		if ! have "$program"; then skip "$name" "$program"; return; fi
	done
	compile gcc "$(source_of "$stem")" "$scratch/image.o" -g -gdwarf-5
	"$linker" -z max-page-size=4096 --build-id=none -e 0 "$@" -T "$samples/$script" -o "$scratch/image" "$scratch/image.o"
	deliver "$name" "$scratch/image"
}

#-- The tables ------------------------------------------------------------------

o2="-O2 -g -gdwarf-5"

hyp_text() {
	for stem in call-forms call-families panic-literal literal-pool literal-ltorg literal-data \
		percpu-vectors idmap alternative-asm adrp-hoisted adrp-shared adr atomics-asm \
		prefetch assembly hyp-stub made-arguments loaded-addresses wide-moves section-ends; do
		object gcc hyp-text/$stem.o -g -gdwarf-5
	done
	object gcc hyp-text/assembly.dwarf4.o -g -gdwarf-4
	object clang hyp-text/assembly.clang.o -g -gdwarf-5
	object gcc hyp-text/alternative-asm.subsection.o -g -gdwarf-5 -DALT_SUBSECTION

	for stem in call-helper init-text tail-call percpu data-sections data-sizes memset \
		alternative adrp-hoisted-c weak switch-table string store-pair atomics host-calls; do
		object gcc hyp-text/$stem.o $o2
	done
	for stem in call-helper init-text tail-call percpu data-sections data-sizes memset \
		alternative adrp-hoisted-c weak switch-table string store-pair atomics; do
		object clang hyp-text/$stem.clang.o $o2
	done
	for stem in call-helper data-sections; do
		object gcc hyp-text/$stem.dwarf4.o -O2 -g -gdwarf-4
		object clang hyp-text/$stem.clang-dwarf4.o -O2 -g -gdwarf-4
		object gcc hyp-text/$stem.Os.o -Os -g -gdwarf-5
		object gcc hyp-text/$stem.zlib.o $o2 -gz=zlib
	done
	object gcc hyp-text/alternative.subsection.o $o2 -DALT_SUBSECTION
	object clang hyp-text/alternative.clang-subsection.o $o2 -DALT_SUBSECTION
	object gcc hyp-text/atomics.lse.o $o2 -march=armv8.1-a
	object gcc hyp-text/anchors.o $o2 -fsection-anchors
	object gcc hyp-text/call-helper.nodebug.o -O2

	object gcc hyp-text/stack-protector.o $o2 -fstack-protector-strong -mstack-protector-guard=global
	object clang hyp-text/stack-protector-clang.o $o2 -fstack-protector-strong -mstack-protector-guard=global
	object gcc hyp-text/kcov.o $o2 -fsanitize-coverage=trace-pc
	object clang hyp-text/kcov.clang.o $o2 -fsanitize-coverage=trace-pc
	object gcc hyp-text/ubsan.o $o2 -fsanitize=shift
	object clang hyp-text/ubsan.clang.o $o2 -fsanitize=shift
	object gcc hyp-text/mcount.o $o2 -pg
	object gcc hyp-text/shadow-call-stack.o $o2 -fsanitize=shadow-call-stack -ffixed-x18
	object clang hyp-text/shadow-call-stack.clang.o $o2 -fsanitize=shadow-call-stack -ffixed-x18
	object gcc hyp-text/patchable-entries.o $o2 -fpatchable-function-entry=2
	object gcc hyp-text/patchable-entries.before.o $o2 -fpatchable-function-entry=4,2
	object clang hyp-text/patchable-entries.clang.o $o2 -fpatchable-function-entry=4,2
	object gcc hyp-text/kasan.o $o2 -fsanitize=kernel-address --param asan-globals=0 \
		--param asan-instrumentation-with-call-threshold=0
	object clang hyp-text/kasan.clang.o $o2 -fsanitize=kernel-address -mllvm -asan-globals=0 \
		-mllvm -asan-instrumentation-with-call-threshold=0
	object gcc hyp-text/kcsan.o $o2 -fsanitize=thread --param tsan-instrument-func-entry-exit=0
	object gcc hyp-text/gcov.o $o2 -fprofile-arcs -frandom-seed=samples -fprofile-update=single -dumpdir /gcov/
	object gcc hyp-text/outline-atomics.o $o2 -moutline-atomics

	linked hyp-text/linked.o hyp-text/linked-a hyp-text/linked-b -- $o2
}

nvhe_cases() {
	for case in clean sections writable aliases tables from-host percpu pages half-gathered; do
		nvhe $case $o2
	done
	nvhe traced $o2 -fsanitize=shadow-call-stack -ffixed-x18 -fpatchable-function-entry=2
	nvhe instrumented $o2 -fsanitize-coverage=trace-pc -fsanitize=shift
}

# The ways an object of the 5.4 kind is made: compiler, optimisation, and keys as
# a relative table (JUMP_LABEL=y), an absolute one (4.16), or data (JUMP_LABEL=n).
# flow_variants STEM LEVEL... -- KEYS...
flow_variants() {
	stem=$1
	shift
	levels=
	while [ "$1" != -- ]; do levels="$levels $1"; shift; done
	shift
	for keys in "$@"; do
		for level in $levels; do
			object gcc "$stem.gcc-$level-keys$keys.o" -$level $flow -DKEYS=$keys
			object clang "$stem.clang-$level-keys$keys.o" -$level $flow -DKEYS=$keys
		done
	done
}

flow_cases() {
	flow="-g -gdwarf-5 -fno-var-tracking"
	for stem in key-rows caps-bits key-loads alternatives callbacks-ncaps callbacks-bit15 noreturn \
		indirect fall-through labels fixups pools tail-calls endings data memory-tables table-steps addresses \
		link-register relocated-tables host-entries compare replacements summaries; do
		object gcc flow/$stem.o -g -gdwarf-5
	done
	# The assembler wants memory copies in threes.
	object gcc flow/side-effects.o -g -gdwarf-5 -Wa,--no-warn
	object gcc flow/alternatives.subsection.o -g -gdwarf-5 -DALT_SUBSECTION
	object gcc flow/data.subsection.o -g -gdwarf-5 -DALT_SUBSECTION
	object gcc flow/replacements.subsection.o -g -gdwarf-5 -DALT_SUBSECTION

	flow_variants flow/tlb-switch O2 Os -- 16 24 0
	for stem in tlb-switch-inverted tlb-switch-removed keys noreturn-c joins kept-over-calls label-tables host-hands-out; do
		flow_variants flow/$stem O2 Os -- 16 0
	done
	for stem in local-callers host-callers host-guards; do
		flow_variants flow/$stem O2 -- 16 0
	done
	flow_variants flow/keys O2 -- 24
	flow_variants flow/switch O2 Os -- 16
	flow_variants flow/switch-index O2 Os -- 16
	flow_variants flow/flags-kept O2 Os -- 16 0
	for stem in caps-bits-c alternatives-c alternate-select; do
		for level in O2 Os; do
			object gcc flow/$stem.gcc-$level.o -$level $flow
			object clang flow/$stem.clang-$level.o -$level $flow
		done
	done
	for stem in alternatives-c alternate-select; do
		object gcc flow/$stem.gcc-subsection.o -O2 $flow -DALT_SUBSECTION
		object clang flow/$stem.clang-subsection.o -O2 $flow -DALT_SUBSECTION
	done
}

# Hyp code that relies on inlining, built as usual and with no hint honoured.
inline_cases() {
	for stem in audit obstacles shapes; do
		object gcc inline/$stem.o $o2 -Wno-old-style-declaration
		object clang inline/$stem.clang.o $o2
		object gcc inline/$stem.noinline.o $o2 -Wno-old-style-declaration -fno-inline
		object clang inline/$stem.clang-noinline.o $o2 -fno-inline
	done
}

module_cases() {
	for case in clean hazards imports exporter; do
		pkvm_module $case $o2
	done
}

# Finished kernels in small: the veneers and stubs of both linkers.
images() {
	image linked/far.gnu linked/far linked/far.lds "$LD" --no-warn-rwx-segments
	image linked/far.lld linked/far linked/far.lds "$LLD"
	image linked/far.lld-pie linked/far linked/far.lds "$LLD" -pie -z notext
	image linked/erratum.gnu linked/erratum linked/small.lds "$LD" --no-warn-rwx-segments --fix-cortex-a53-843419=adrp
	image linked/multiply.gnu linked/multiply linked/small.lds "$LD" --no-warn-rwx-segments --fix-cortex-a53-835769
	image linked/erratum.lld linked/erratum linked/small.lds "$LLD" --fix-cortex-a53-843419
}

hyp_text
[ ! -e "$samples/linked/far.S" ] || images
[ ! -e "$samples/nvhe/hyp.lds" ] || nvhe_cases
[ ! -e "$samples/module/hyp.lds" ] || module_cases
[ ! -e "$samples/flow/tlb-switch.c" ] || flow_cases
[ ! -e "$samples/inline/audit.c" ] || inline_cases

[ "$mode" = list ] && exit 0

# What lies here and no table makes is left over from a case that is gone.
if [ "$mode" = check ] && [ -z "$wanted" ]; then
	sh "$samples/build.sh" --list | cut -f 1 > "$scratch/listed"
	for found in $(find "$samples" '(' -name '*.o' -o -name '*.ko' ')' ! -name 'kvm_nvhe.*.o' ! -path '*/nvhe/kvm_nvhe.o' | sort); do
		grep -qxF "$found" "$scratch/listed" && continue
		echo "build.sh: $found: no table makes it" >&2
		bad=$((bad + 1))
	done
fi

echo "build.sh: $good as they should be, $bad differ, $skipped skipped"
[ "$bad" -eq 0 ]
