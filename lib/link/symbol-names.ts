// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names as the programmer wrote them. The nVHE link prefixes every symbol of its
// objects. Compilers add suffixes to functions that they clone and split, and
// counters and hashes to what has no name, in symbols and, if each function has a
// section, in section names. Messages contain none of these, so that yesterday's
// log and suppressions still match tomorrow's build.

import { demangled, withoutHashes } from './mangled-names.js';

/** objcopy --prefix-symbols of arch/arm64/kvm/hyp/nvhe/Makefile, v5.9 and later. */
export const NVHE_PREFIX = '__kvm_nvhe_';

/** The products of the nVHE link, by path: everything in them belongs to hyp. */
export const isNvheObject = (path: string): boolean => /(^|[/(])kvm_nvhe(\.tmp|\.rel)?\.o\)?$/.test(path);

/** A module, by the name that Kbuild gives it; as gzip leaves it too. */
export const isModuleFile = (path: string): boolean => /\.ko(\.gz)?$/.test(path);

/** kvm_nvhe.tmp.o and kvm_nvhe.rel.o, from which objcopy --prefix-symbols makes kvm_nvhe.o. */
export const isBeforePrefix = (path: string): boolean =>
  isNvheObject(path) && /\.(tmp|rel)\.o\)?$/.test(path);

/** The name that a symbol of an object has in the link. */
export const linkNameOf = (path: string, name: string): string =>
  isBeforePrefix(path) ? `${NVHE_PREFIX}${name}` : name;

/**
 * Suffixes of compilers, with or without a number: gcc's clones and parts (ipa-sra, ipa-cp, ipa-split, cold parts, LTO's
 * promoted locals and aliases), clang's (ThinLTO, unique names, specialised functions, parts of split functions, dropped
 * arguments and results, merged functions, copies by allocation, entries of CFI's jump table).
 */
const clones =
  'isra|constprop|part|cold|warm|lto_priv|localalias|clone|simdclone|' +
  'llvm|__uniq|specialized|__part|argprom|argelim|retelim|extracted|Tgm|memprof|cfi_jt|cfi';

const cloneWords: ReadonlySet<string> = new Set(clones.split('|'));

const isNumber = (word: string): boolean => /^\d+$/.test(word);

/** gcc and clang give local statics a number alone, Rust's ThinLTO a hash in upper case. */
const isCompilerSuffix = (word: string, before: () => string): boolean =>
  cloneWords.has(word) || isNumber(word) || (/^[\dA-F@]+$/.test(word) && before().endsWith('.llvm'));

/** Takes words off the end of `a.b.c`, as long as something is left. Each is looked at once: there may be hundreds. */
const withoutSuffixes = (name: string, isSuffix: (word: string, before: () => string) => boolean): string => {
  let end = name.length;
  for (;;) {
    const dot = name.lastIndexOf('.', end - 1);
    if (dot <= 0 || !isSuffix(name.slice(dot + 1, end), () => name.slice(0, dot))) return name.slice(0, end);
    end = dot;
  }
};

/** Names with a counter or a hash: clang's outlined functions, Rust's constants. */
const counted: readonly (readonly [RegExp, string])[] = [
  [/^(OUTLINED_FUNCTION)_\d+$/, '$1'],
  [/^(?:\.L)?(alloc|anon)[_.][0-9a-f]{32}$/, '$1'],
];

/** The kernel's __UNIQUE_ID(), which ends in a counter. */
const UNIQUE = '__UNIQUE_ID_';

/** Names that are kept: thousands of findings name few symbols and sections. */
const MOST_KEPT = 64;

const kept = (make: (name: string) => string): ((name: string) => string) => {
  const made = new Map<string, string>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    if (made.size === MOST_KEPT) made.clear();
    const now = make(name);
    made.set(name, now);
    return now;
  };
};

/** The name without prefix and suffixes: `__kvm_nvhe_foo.isra.0` is foo. */
export const sourceName = kept((symbol) => {
  let name = symbol.startsWith(NVHE_PREFIX) ? symbol.slice(NVHE_PREFIX.length) : symbol;
  name = withoutSuffixes(name, isCompilerSuffix);
  if (name.startsWith(UNIQUE)) return UNIQUE + name.slice(UNIQUE.length).replace(/_?(?<!\d)\d+$/, '');
  for (const [pattern, replacement] of counted) name = name.replace(pattern, replacement);
  return demangled(name);
});

/** The same in the middle of a section name; the numbers of one function's clones are counters. */
const COUNTERS = new RegExp(String.raw`\.(?:${clones})\.[\dA-F@]+(?=\.|$)`, 'g');
const RUST_CONSTANT = /([_.]L?(?:alloc|anon))[_.][0-9a-f]{32}(?=\.|$)/g;
/** Entry sizes of merged strings, and priorities: these numbers mean something. */
const MEANT = /\.(str\d+|(pre)?init_array|fini_array|ctors|dtors)\.\d+$/;

/** A section's name without counters and hashes: `.text.foo.llvm.123` is .text.foo. */
export const stableSectionName = kept((section) => {
  const name = withoutHashes(section).replace(COUNTERS, '').replace(RUST_CONSTANT, '$1');
  return MEANT.test(name) ? name : withoutSuffixes(name, isNumber);
});
