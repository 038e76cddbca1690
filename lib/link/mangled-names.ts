// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Mangled names, as the programmer wrote them. Rust mangles all of its functions
// and puts a hash of the crate into each, which changes from build to build; clang
// mangles static C functions when it makes their names unique
// (-funique-internal-linkage-names). No npm package does this without WebAssembly
// or weight, so plain paths are decoded here, and other names (generics, trait
// implementations) only lose their hashes. Odd: Rust's older scheme is C++'s with a
// hash as the last part.

/** A number in base 62 that ends in _: a disambiguator [Rust RFC 2603]. */
const DISAMBIGUATOR = /^s[0-9a-zA-Z]*_/;

/** `17h<16 digits>E` at the end of an older Rust name. */
const LEGACY_HASH = /17h[0-9a-f]{16}E/;

/** How the older scheme writes characters that a symbol cannot hold. */
const escapes: Readonly<Record<string, string>> = {
  $SP$: '@',
  $BP$: '*',
  $RF$: '&',
  $LT$: '<',
  $GT$: '>',
  $LP$: '(',
  $RP$: ')',
  $C$: ',',
  '..': '::',
};

const unescaped = (part: string): string =>
  part
    .replace(/^_(?=\$)/, '')
    .replace(/\$u([0-9a-f]{2})\$/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\$[A-Z]+\$|\.\./g, (word) => escapes[word] ?? word);

/** An identifier after its length (and maybe `separator`), and what follows it; null if there is none. */
const takeIdentifier = (
  text: string,
  separator = '',
): { readonly name: string; readonly rest: string } | null => {
  const [digits] = /^[1-9]\d{0,4}/.exec(text) ?? [];
  if (digits === undefined) return null;
  const bytes = text.slice(digits.length);
  const start = separator !== '' && bytes.startsWith(separator) ? separator.length : 0;
  const end = start + Number(digits);
  return end > bytes.length ? null : { name: bytes.slice(start, end), rest: bytes.slice(end) };
};

/** `_ZN4core9panicking5panic17h0123456789abcdefE` is core::panicking::panic. */
const legacyRust = (symbol: string): string | null => {
  if (!/^_ZN.*17h[0-9a-f]{16}E$/.test(symbol)) return null;
  const parts: string[] = [];
  for (let rest = symbol.slice(3); rest !== 'E'; ) {
    const part = takeIdentifier(rest);
    if (!part) return null;
    parts.push(unescaped(part.name));
    rest = part.rest;
  }
  return parts.slice(0, -1).join('::');
};

interface RustPath {
  readonly path: string;
  readonly rest: string;
}

/** A crate, or a name in a path; null for anything but a plain path. */
const takePath = (text: string, depth = 0): RustPath | null => {
  if (depth > 64) return null;
  const isCrate = text.startsWith('C');
  if (!isCrate && !/^N[a-zA-Z]/.test(text)) return null;
  const outer = isCrate ? null : takePath(text.slice(2), depth + 1);
  if (!isCrate && !outer) return null;
  const rest = (outer?.rest ?? text.slice(1)).replace(DISAMBIGUATOR, '');
  // Closures have no name, and their number is a counter.
  const kind = { C: '{closure}', S: '{shim}' }[text[1] ?? ''] ?? null;
  if (!isCrate && kind !== null && rest.startsWith('0')) {
    return { path: `${outer?.path}::${kind}`, rest: rest.slice(1) };
  }
  // An extra _ stands before an identifier that begins with a digit or _.
  const part = takeIdentifier(rest, '_');
  if (!part) return null;
  return { path: outer ? `${outer.path}::${part.name}` : part.name, rest: part.rest };
};

/** `_RNvNtCs1234_4core9panicking5panic` is core::panicking::panic. */
const newRust = (symbol: string): string | null => {
  if (!/^_R[CN]/.test(symbol)) return null;
  const found = takePath(symbol.slice(2));
  // The crate for which the code was instantiated may follow.
  return found && /^(C|$)/.test(found.rest) ? found.path : null;
};

/** `_ZL9run_stepsPFiiEi` is run_steps: a C function whose name clang made unique. */
const staticC = (symbol: string): string | null =>
  /^_ZL\d/.test(symbol) ? (takeIdentifier(symbol.slice(3))?.name ?? null) : null;

/** The mangled name without what changes from build to build. */
export const withoutHashes = (symbol: string): string => {
  const legacy = symbol.replace(LEGACY_HASH, 'E');
  // Back references are positions in the name, which move with the length of the hashes.
  return /(^|\.)_R[A-Z]/.test(legacy)
    ? legacy.replace(/(?<=[A-Z])s[0-9a-zA-Z]{0,16}_(?=[\dA-Z])|B[0-9a-zA-Z]{0,16}_/g, '')
    : legacy;
};

/** The name as it was written; any other name is returned as it is. */
export const demangled = (symbol: string): string =>
  symbol.startsWith('_Z') || symbol.startsWith('_R')
    ? (legacyRust(symbol) ?? newRust(symbol) ?? staticC(symbol) ?? withoutHashes(symbol))
    : symbol;
