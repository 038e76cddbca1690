// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A64, "Loads and Stores": op0 (bits 28:25) x1x0. A load that only writes vector
// registers has nothing on the left.

import type { Meaning, Row } from './encoding.js';
import { field } from './fields.js';
import {
  indexedLoad,
  literalLoad,
  pairPlace,
  scaledLoad,
  scaledPlace,
  taggedPairPlace,
  unscaledLoad,
  unscaledPlace,
  vectorPairPlace,
} from './operation-forms.js';

const exclusive: readonly Row[] = [
  ['xx001000 000sssss xxxxxxnn nnnttttt', 'STXR, STLXR', 's [n] = t'],
  ['xx001000 010xxxxx xxxxxxnn nnnttttt', 'LDXR, LDAXR', 't = [n]'],
  ['1x001000 001sssss xuuuuunn nnnttttt', 'STXP, STLXP', 's [n] = t u'],
  ['1x001000 011xxxxx xuuuuunn nnnttttt', 'LDXP, LDAXP', 't u = [n]'],
  ['xx001000 100xxxxx xxxxxxnn nnnttttt', 'STLR, STLLR', '[n] = t'],
  ['xx001000 110xxxxx xxxxxxnn nnnttttt', 'LDAR, LDLAR', 't = [n]'],
  ['xx001000 1x1sssss x11111nn nnnttttt', 'CAS', 's [n] = s t'],
  ['0x001000 0x1xxxx1 xxxxxxxx xxxxxxxx', 'CASP of an odd register', '?'],
  ['0x001000 0x1xxxxx xxxxxxxx xxxxxxx1', 'CASP with an odd register', '?'],
  ['0x001000 0x1sssss x11111nn nnnttttt', 'CASP', 's:2 [n] = s:2 t:2'],
  // FEAT_LSUI
  ['xx001001 xxxsssss xxxxxxnn nnnttttt', 'unprivileged exclusives and CASPT', '? s:2 t:2 = s:2 t:2'],
];

const literal: readonly Row[] = [
  ['00011000 iiiiiiii iiiiiiii iiittttt', 'LDR (literal)', 't = [pc]', { operation: literalLoad }],
  ['01011000 iiiiiiii iiiiiiii iiittttt', 'LDR (literal)', 't = [pc]', { operation: literalLoad }],
  ['10011000 iiiiiiii iiiiiiii iiittttt', 'LDRSW (literal)', 't = [pc]', { operation: literalLoad }],
  ['11011000 iiiiiiii iiiiiiii iiixxxxx', 'PRFM (literal)', 'prefetch = [pc]'],
  ['0x011100 iiiiiiii iiiiiiii iiixxxxx', 'LDR (literal, SIMD&FP)', '= [pc]'],
  ['10011100 iiiiiiii iiiiiiii iiixxxxx', 'LDR (literal, SIMD&FP)', '= [pc]'],
];

const ordered: readonly Row[] = [
  ['1x011001 010uuuuu 000010nn nnnttttt', 'LDIAPP (post-index)', 't u = [n!]'],
  ['1x011001 010uuuuu 000110nn nnnttttt', 'LDIAPP', 't u = [n]'],
  ['1x011001 000uuuuu 000010nn nnnttttt', 'STILP (pre-index)', '[n!] = t u'],
  ['1x011001 000uuuuu 000110nn nnnttttt', 'STILP', '[n] = t u'],
  ['1x011001 11000000 000010nn nnnttttt', 'LDAPR (post-index)', 't = [n!]'],
  ['1x011001 10000000 000010nn nnnttttt', 'STLR (pre-index)', '[n!] = t'],
  ['xx011001 000xxxxx xxxx00nn nnnttttt', 'STLUR', '[n] = t'],
  ['xx011001 010xxxxx xxxx00nn nnnttttt', 'LDAPUR', 't = [n]'],
  ['0x011001 1x0xxxxx xxxx00nn nnnttttt', 'LDAPURSB, LDAPURSH', 't = [n]'],
  ['10011001 100xxxxx xxxx00nn nnnttttt', 'LDAPURSW', 't = [n]'],
  ['xx011101 000xxxxx xxxx10nn nnnxxxxx', 'STLUR (SIMD&FP)', '[n] ='],
  ['xx011101 010xxxxx xxxx10nn nnnxxxxx', 'LDAPUR (SIMD&FP)', '= [n]'],
  ['00011101 100xxxxx xxxx10nn nnnxxxxx', 'STLUR (SIMD&FP, 128 bits)', '[n] ='],
  ['00011101 110xxxxx xxxx10nn nnnxxxxx', 'LDAPUR (SIMD&FP, 128 bits)', '= [n]'],
];

const tags: readonly Row[] = [
  ['11011001 00100000 000000nn nnnttttt', 'STZGM', '[n] = t'],
  ['11011001 10100000 000000nn nnnttttt', 'STGM', '[n] = t'],
  ['11011001 11100000 000000nn nnnttttt', 'LDGM', 't = [n]'],
  ['11011001 011xxxxx xxxx00nn nnnttttt', 'LDG', 't = t [n]'],
  ['11011001 xx1xxxxx xxxx10nn nnnttttt', 'STG, STZG, ST2G, STZ2G', '[n] = t'],
  ['11011001 xx1xxxxx xxxxx1nn nnnttttt', 'STG, STZG, ST2G, STZ2G (write-back)', '[n!] = t'],
  ['11011001 00011111 000x11nn nnnttttt', 'GCSSTR, GCSSTTR', '[n] = t'],
];

const rm = (word: number): number => field(word, 16, 5);

/** Rd, Rn and Rs are three different registers, the first two of which are written. */
const areThree = (word: number): boolean => {
  const [d, n] = [field(word, 0, 5), field(word, 5, 5)];
  return d !== n && n !== rm(word) && rm(word) !== d && d !== 31 && n !== 31;
};

/** Memory copy and set: the destination counts as the base. */
const copies: readonly Row[] = [
  ['00011x01 110xxxxx 11xxxxxx xxxxxxxx', 'a step of SET that there is none of', '?'],
  [
    '00011x01 110sssss xxxx01nn nnnddddd',
    'SETP, SETM, SETE, SETGP, SETGM, SETGE',
    'n nzcv [d!] = n s',
    { fits: areThree },
  ],
  [
    '00011x01 xx0sssss xxxx01nn nnnddddd',
    'CPYP, CPYM, CPYE, CPYFP, CPYFM, CPYFE',
    's n nzcv [d!] = s n',
    { fits: (word) => areThree(word) && rm(word) !== 31 },
  ],
];

const pairAtomics: readonly Row[] = [
  ['0x011001 xx111111 xxxx00xx xxxxxxxx', 'an atomic pair with the zero register', '?'],
  ['0x011001 xx1xxxxx xxxx00xx xxx11111', 'an atomic pair with the zero register', '?'],
  ['00011001 xx1uuuuu 000100nn nnnttttt', 'LDCLRP', 't u [n] = t u'],
  ['00011001 xx1uuuuu 001100nn nnnttttt', 'LDSETP', 't u [n] = t u'],
  ['00011001 xx1uuuuu 100000nn nnnttttt', 'SWPP', 't u [n] = t u'],
  ['0x011001 xx1sssss 000010nn nnnttttt', 'RCWCAS, RCWSCAS', 's nzcv [n] = s t'],
  ['0x011001 xx1xxxx1 000011xx xxxxxxxx', 'RCWCASP of an odd register', '?'],
  ['0x011001 xx1xxxxx 000011xx xxxxxxx1', 'RCWCASP with an odd register', '?'],
  ['0x011001 xx1sssss 000011nn nnnttttt', 'RCWCASP, RCWSCASP', 's:2 nzcv [n] = s:2 t:2'],
  ['0x011001 xx1uuuuu 100100nn nnnttttt', 'RCWCLRP, RCWSCLRP', 't u nzcv [n] = t u'],
  ['0x011001 xx1uuuuu 101000nn nnnttttt', 'RCWSWPP, RCWSSWPP', 't u nzcv [n] = t u'],
  ['0x011001 xx1uuuuu 101100nn nnnttttt', 'RCWSETP, RCWSSETP', 't u nzcv [n] = t u'],
];

const pairs: readonly Row[] = [
  ['x010100x 00xxxxxx xuuuuunn nnnttttt', 'STP, STNP', '[n] = t u', { place: pairPlace }],
  ['x010100x 01xxxxxx xuuuuunn nnnttttt', 'LDP, LDNP', 't u = [n]', { place: pairPlace }],
  ['x010100x 10xxxxxx xuuuuunn nnnttttt', 'STP (write-back)', '[n!] = t u', { place: pairPlace }],
  ['x010100x 11xxxxxx xuuuuunn nnnttttt', 'LDP (write-back)', 't u = [n!]', { place: pairPlace }],
  ['01101001 00xxxxxx xuuuuunn nnnttttt', 'STGP', '[n] = t u', { place: taggedPairPlace }],
  ['01101001 01xxxxxx xuuuuunn nnnttttt', 'LDPSW', 't u = [n]', { place: pairPlace }],
  ['0110100x 10xxxxxx xuuuuunn nnnttttt', 'STGP (write-back)', '[n!] = t u', { place: taggedPairPlace }],
  ['0110100x 11xxxxxx xuuuuunn nnnttttt', 'LDPSW (write-back)', 't u = [n!]', { place: pairPlace }],
  // FEAT_LSUI
  ['11101x0x xxxxxxxx xxxxxxxx xxxxxxxx', 'unprivileged pairs', '?'],
  ['xx10110x 00xxxxxx xxxxxxnn nnnxxxxx', 'STP, STNP (SIMD&FP)', '[n] =', { place: vectorPairPlace }],
  ['xx10110x 01xxxxxx xxxxxxnn nnnxxxxx', 'LDP, LDNP (SIMD&FP)', '= [n]', { place: vectorPairPlace }],
  ['xx10110x 10xxxxxx xxxxxxnn nnnxxxxx', 'STP (SIMD&FP, write-back)', '[n!] =', { place: vectorPairPlace }],
  ['xx10110x 11xxxxxx xxxxxxnn nnnxxxxx', 'LDP (SIMD&FP, write-back)', '= [n!]', { place: vectorPairPlace }],
];

/** The ways to address one register's load or store: bits 25:24, bits 21:5 and the address. */
const addressing = [
  ['01', 'xxxxxx xxxxxxnn nnn', '[n]', 'unsigned offset', { place: scaledPlace }, scaledLoad],
  ['00', '0xxxxx xxxx00nn nnn', '[n]', 'unscaled offset', { place: unscaledPlace }, unscaledLoad],
  ['00', '0xxxxx xxxx01nn nnn', '[n!]', 'post-indexed', { place: unscaledPlace }, unscaledLoad],
  ['00', '0xxxxx xxxx10nn nnn', '[n]', 'unprivileged', { place: unscaledPlace }, unscaledLoad],
  ['00', '0xxxxx xxxx11nn nnn', '[n!]', 'pre-indexed', { place: unscaledPlace }, unscaledLoad],
  ['00', '1mmmmm x1xx10nn nnn', '[n+m]', 'register', {}, indexedLoad],
] as const;

const singles: readonly Row[] = addressing.flatMap(([form, middle, at, how, place, operation]) => {
  const load: Meaning = { ...place, operation };
  const general: readonly Row[] = [
    [`xx1110${form} 00${middle}ttttt`, `STR (${how})`, `${at} = t`, place],
    [`xx1110${form} 01${middle}ttttt`, `LDR (${how})`, `t = ${at}`, load],
    [`0x1110${form} 1x${middle}ttttt`, `LDRSB, LDRSH (${how})`, `t = ${at}`, load],
    [`101110${form} 10${middle}ttttt`, `LDRSW (${how})`, `t = ${at}`, load],
  ];
  const prefetch: Row = [`111110${form} 10${middle}xxxxx`, `PRFM (${how})`, `prefetch = ${at}`];
  const vector: readonly Row[] = [
    [`xx1111${form} 00${middle}xxxxx`, `STR (SIMD&FP, ${how})`, `${at} =`, place],
    [`xx1111${form} 01${middle}xxxxx`, `LDR (SIMD&FP, ${how})`, `= ${at}`, place],
    [`001111${form} 10${middle}xxxxx`, `STR (SIMD&FP, 128 bits, ${how})`, `${at} =`, place],
    [`001111${form} 11${middle}xxxxx`, `LDR (SIMD&FP, 128 bits, ${how})`, `= ${at}`, place],
  ];
  const hasPrefetch = !at.includes('!') && how !== 'unprivileged';
  return [...general, ...(hasPrefetch ? [prefetch] : []), ...(how === 'unprivileged' ? [] : vector)];
});

const atomics: readonly Row[] = [
  [
    'xx111000 xx1sssss 0xxx00nn nnnttttt',
    'LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN',
    't [n] = s',
  ],
  ['xx111000 xx1sssss 100000nn nnnttttt', 'SWP', 't [n] = s'],
  ['xx111000 10111111 110000nn nnnttttt', 'LDAPR', 't = [n]'],
  ['11111000 00111111 100100nn nnnttttt', 'ST64B', '[n] = t:8'],
  ['11111000 001sssss 101x00nn nnnttttt', 'ST64BV, ST64BV0', 's [n] = t:8'],
  ['11111000 00111111 110100nn nnnttttt', 'LD64B', 't:8 = [n]'],
  ['0x111000 xx1sssss 100100nn nnnttttt', 'RCWCLR, RCWSCLR', 't nzcv [n] = s'],
  ['0x111000 xx1sssss 101x00nn nnnttttt', 'RCWSWP, RCWSSWP, RCWSET, RCWSSET', 't nzcv [n] = s'],
  ['11111000 xx1xxxxx xxxx01nn nnnttttt', 'LDRAA, LDRAB', 't = [n]'],
  ['11111000 xx1xxxxx xxxx11nn nnnttttt', 'LDRAA, LDRAB (pre-indexed)', 't = [n!]'],
];

const structures: readonly Row[] = [
  ['0x001100 xxxxxxxx 00x1xxxx xxxxxxxx', 'structures that there are none of', '?'],
  ['0x001100 xxxxxxxx 0101xxxx xxxxxxxx', 'structures that there are none of', '?'],
  ['0x001100 xxxxxxxx 10x1xxxx xxxxxxxx', 'structures that there are none of', '?'],
  ['0x001100 xxxxxxxx 11xxxxxx xxxxxxxx', 'structures that there are none of', '?'],
  ['00001100 xxxxxxxx 0x0011xx xxxxxxxx', 'structures of one element', '?'],
  ['00001100 xxxxxxxx 100011xx xxxxxxxx', 'structures of one element', '?'],
  ['0x001100 00000000 xxxxxxnn nnnxxxxx', 'ST1, ST2, ST3, ST4 (multiple structures)', '[n] ='],
  ['0x001100 01000000 xxxxxxnn nnnxxxxx', 'LD1, LD2, LD3, LD4 (multiple structures)', '= [n]'],
  [
    '0x001100 100mmmmm xxxxxxnn nnnxxxxx',
    'ST1, ST2, ST3, ST4 (multiple structures, post-indexed)',
    '[n!+m] =',
  ],
  [
    '0x001100 110mmmmm xxxxxxnn nnnxxxxx',
    'LD1, LD2, LD3, LD4 (multiple structures, post-indexed)',
    '= [n!+m]',
  ],
  ['0x001101 00000001 100001nn nnnxxxxx', 'STL1', '[n] ='],
  ['0x001101 01000001 100001nn nnnxxxxx', 'LDAP1', '= [n]'],
  ['0x001101 xxxxxxxx 01xxx1xx xxxxxxxx', 'half an element of 16 bits', '?'],
  ['0x001101 xxxxxxxx 10xx1xxx xxxxxxxx', 'half an element of 32 bits', '?'],
  ['0x001101 xxxxxxxx 10x101xx xxxxxxxx', 'half an element of 64 bits', '?'],
  ['0x001101 x0xxxxxx 11xxxxxx xxxxxxxx', 'a store of a replicated element', '?'],
  ['0x001101 xxxxxxxx 11x1xxxx xxxxxxxx', 'half a replicated element', '?'],
  ['0x001101 00x00000 xxxxxxnn nnnxxxxx', 'ST1, ST2, ST3, ST4 (single structure)', '[n] ='],
  ['0x001101 01x00000 xxxxxxnn nnnxxxxx', 'LD1, LD2, LD3, LD4 (single structure), LD1R, ...', '= [n]'],
  ['0x001101 10xmmmmm xxxxxxnn nnnxxxxx', 'ST1, ST2, ST3, ST4 (single structure, post-indexed)', '[n!+m] ='],
  ['0x001101 11xmmmmm xxxxxxnn nnnxxxxx', 'LD1, ..., LD1R, ... (single structure, post-indexed)', '= [n!+m]'],
];

export const memory: readonly Row[] = [
  ...singles,
  ...pairs,
  ...exclusive,
  ...literal,
  ...ordered,
  ...tags,
  ...copies,
  ...pairAtomics,
  ...atomics,
  ...structures,
];
