// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names as the programmer wrote them. The nVHE link prefixes every symbol of
// its objects; compilers add suffixes to the functions they clone and split.

/** objcopy --prefix-symbols of arch/arm64/kvm/hyp/nvhe/Makefile, v5.9 and later. */
export const NVHE_PREFIX = '__kvm_nvhe_';

/** The products of the nVHE link, by path: all that is in them belongs to hyp. */
export const isNvheObject = (path: string): boolean => /(^|[/(])kvm_nvhe(\.tmp|\.rel)?\.o\)?$/.test(path);

/** kvm_nvhe.tmp.o and kvm_nvhe.rel.o, which objcopy --prefix-symbols makes kvm_nvhe.o of. */
export const isBeforePrefix = (path: string): boolean =>
  isNvheObject(path) && /\.(tmp|rel)\.o\)?$/.test(path);

/**
 * Suffixes that compilers append: gcc's clones and parts, both compilers' cold
 * parts, ThinLTO's promoted locals, gcc's and clang's numbered local statics.
 */
const COMPILER_SUFFIX =
  /\.(?:isra|constprop|part|cold|llvm|lto_priv|specialized|localalias|__uniq)(?:\.\d+)*$|\.\d+$/;

/** The name without prefix and suffixes: `__kvm_nvhe_foo.isra.0` is foo. */
export const sourceName = (symbol: string): string => {
  let name = symbol.startsWith(NVHE_PREFIX) ? symbol.slice(NVHE_PREFIX.length) : symbol;
  for (;;) {
    const shorter = name.replace(COMPILER_SUFFIX, '');
    if (shorter === name || shorter === '') return name;
    name = shorter;
  }
};
