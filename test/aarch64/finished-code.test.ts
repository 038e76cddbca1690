// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The fast predicates on finished code agree with the table of encodings.

import t from 'tap';
import { encodingOf, rows } from '../../lib/aarch64/a64.js';
import { formsAddress } from '../../lib/aarch64/address-fields.js';
import {
  addedToX16,
  directDisplacement,
  isCall,
  isDirectBranch,
  isJump,
  isMovedByErrata,
  isRegisterBranch,
  isUsualBranch,
  mayName,
} from '../../lib/aarch64/finished-code.js';
import {
  decodeAddImmediate,
  decodeBranch,
  decodeMemory,
  mayBranch,
  registersRead,
  registersWritten,
} from '../../lib/aarch64/instructions.js';

/** Every value of bits 31:21, with lower bits that vary. */
const words = Array.from(
  { length: 2048 * 32 },
  (_, index) => ((index >>> 5) << 21) | ((index * 0x9e3779b1) >>> 11),
).map((word) => word >>> 0);

t.test('the fast predicates know every direct and register branch of the table', async (t) => {
  let branches = 0;
  for (const word of words) {
    const branch = decodeBranch(word);
    const isDirect = branch !== null && branch.kind !== 'return' && branch.displacement !== null;
    if (isDirect) branches++;
    // An unallocated word may be taken for a branch: it is not executed.
    if (isDirect !== isDirectBranch(word) && !encodingOf(word).effect.isRefused)
      t.fail(`0x${word.toString(16)} ${encodingOf(word).name}`);
    if (isDirect && directDisplacement(word) !== branch.displacement)
      t.fail(`0x${word.toString(16)}: where to`);
    const byRegister = branch !== null && /^(indirect|return|exception-return)/.test(branch.kind);
    // RETAASPPC also names a label: the place where the address was signed.
    const isLabelled = encodingOf(word).name.startsWith('RETAASPPC,');
    if (byRegister && !isLabelled && !isRegisterBranch(word))
      t.fail(`0x${word.toString(16)} ${encodingOf(word).name}`);
  }
  t.ok(branches > 3000);
});

/** Of each row of the table a few words, the letters of its fields filled with what varies. */
const wordsOfRows = rows.flatMap(([bits]) =>
  Array.from({ length: 32 }, (_, seed) => {
    const filled = [...bits.replaceAll(' ', '')].map((one, at) =>
      one === '0' || one === '1' ? one : `${(Math.imul(seed * 32 + at + 1, 0x9e3779b1) >>> 17) & 1}`,
    );
    return Number.parseInt(filled.join(''), 2);
  }),
);

t.test('mayBranch() accepts all that the table knows as a branch, and few others', async (t) => {
  let refused = 0;
  for (const word of [...words, ...wordsOfRows]) {
    if (mayBranch(word)) continue;
    refused++;
    if (encodingOf(word).meaning.branch) t.fail(`0x${word.toString(16)} ${encodingOf(word).name}`);
  }
  t.ok(refused > words.length * 0.8);
});

t.test('mayName() accepts every register that the table knows as read or written', async (t) => {
  let refused = 0;
  for (const word of [...words, ...wordsOfRows]) {
    const named = registersRead(word) | registersWritten(word);
    for (let register = 0; register < 31; register++) {
      if (mayName(word, register)) continue;
      refused++;
      if (named & (1 << register)) t.fail(`0x${word.toString(16)} ${encodingOf(word).name}: x${register}`);
    }
  }
  t.ok(refused > words.length * 20);
});

t.test('isUsualBranch() accepts every B and BL, and nothing but direct branches', async (t) => {
  const seen = new Set<string>();
  for (const word of words) {
    const branch = decodeBranch(word);
    if (!isUsualBranch(word)) {
      const isUsual = branch !== null && /^(jump|call)$/.test(branch.kind) && branch.displacement !== null;
      if (isUsual) t.fail(`0x${word.toString(16)} ${encodingOf(word).name}`);
      continue;
    }
    const kind = isCall(word) ? 'call' : isJump(word) ? 'jump' : 'conditional';
    if (branch?.kind !== kind) t.fail(`0x${word.toString(16)} ${encodingOf(word).name} is no ${kind}`);
    if (branch?.displacement !== directDisplacement(word)) t.fail(`0x${word.toString(16)}: where to`);
    seen.add(encodingOf(word).name.replace(/[ ,.].*$/, ''));
  }
  t.ok(['B', 'BL', 'CBZ', 'TBZ'].every((name) => [...seen].some((one) => one.startsWith(name))));
});

t.test('formsAddress() is ADR and ADRP; isMovedByErrata() covers accesses and MADD', async (t) => {
  let loads = 0;
  for (const word of words) {
    const { name, effect } = encodingOf(word);
    if ((name === 'ADR' || name === 'ADRP') !== formsAddress(word)) t.fail(`0x${word.toString(16)} ${name}`);
    // The cores with the errata have no SVE (op0 0010).
    const isScalable = ((word >>> 25) & 15) === 2;
    if (!effect.isRefused && !isScalable && decodeMemory(word)) {
      loads++;
      if (!isMovedByErrata(word)) t.fail(`0x${word.toString(16)} ${name}`);
    }
  }
  t.ok(loads > 3000);
  for (const word of [0x9b020820, 0x9b028820, 0x9b220820, 0x9ba20820])
    t.ok(isMovedByErrata(word), 'MADD and the like');
  for (const word of [0xd503201f, 0x8b020020, 0x91000420, 0xd65f03c0, 0x94000001])
    t.notOk(isMovedByErrata(word), 'NOP, ADD, RET, BL');
});

t.test('addedToX16() accepts ADD x16, x16, #n only', async (t) => {
  t.equal(addedToX16(0x913fc210), 0xff0);
  for (const word of words) {
    const copy = decodeAddImmediate(word);
    const adds = copy?.to === 16 && copy.from === 16;
    if ((addedToX16(word) !== null) !== (adds && ((word >>> 22) & 3) === 0)) t.fail(`0x${word.toString(16)}`);
  }
});
