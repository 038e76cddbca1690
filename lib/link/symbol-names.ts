// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names as the programmer wrote them. The nVHE link prefixes every symbol of
// its objects; compilers add suffixes to the functions they clone and split.

/** objcopy --prefix-symbols of arch/arm64/kvm/hyp/nvhe/Makefile, v5.9 and later. */
export const NVHE_PREFIX = '__kvm_nvhe_';

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
