// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Operations against objdump: each decoded operation is written in objdump's syntax,
// which has to be objdump's text.

import t from 'tap';
import { decodeOperation, decodeTest } from '../../lib/aarch64/instructions.js';
import { decodeBitMask } from '../../lib/aarch64/operation-forms.js';
import {
  type Adjustment,
  type LoadAddress,
  type Operand,
  type Operation,
  SP,
} from '../../lib/aarch64/operations.js';
import { without } from '../support/tools.js';
import { disassemble, GNU, isScalable, isUnknown } from './disassembly.js';
import { randomNumbers } from './words.js';

const register = (number: number, wide: boolean): string =>
  number === SP ? (wide ? 'sp' : 'wsp') : `${wide ? 'x' : 'w'}${number === 31 ? 'zr' : number}`;

const hex = (value: bigint | number): string => `#0x${value.toString(16)}`;

const isExtension = ({ kind }: Adjustment): boolean => kind.startsWith('u') || kind.startsWith('s');

/** `, w0, sxtb #2`, as objdump has it. */
const operandText = (operand: Operand, wide: boolean, nextToSp: boolean): string => {
  if (operand.kind === 'constant') return hex(operand.value);
  const { kind, amount } = operand.adjustment;
  const isWide = isExtension(operand.adjustment) ? kind.endsWith('x') : wide;
  const name = register(operand.register, isWide && wide);
  // objdump calls the extension that changes nothing LSL beside SP, and leaves it out where it does not shift.
  const isPlain = nextToSp && kind === (wide ? 'uxtx' : 'uxtw');
  if (isPlain) return amount === 0 ? name : `${name}, lsl #${amount}`;
  if (isExtension(operand.adjustment)) return `${name}, ${kind}${amount === 0 ? '' : ` #${amount}`}`;
  return kind === 'lsl' && amount === 0 ? name : `${name}, ${kind} #${amount}`;
};

const logicNames: Readonly<Record<string, string>> = {
  and: 'and',
  'and!': 'bic',
  or: 'orr',
  'or!': 'orn',
  xor: 'eor',
  'xor!': 'eon',
};

const conditions = [
  'eq',
  'ne',
  'cs',
  'cc',
  'mi',
  'pl',
  'vs',
  'vc',
  'hi',
  'ls',
  'ge',
  'lt',
  'gt',
  'le',
  'al',
  'nv',
];
const selections = { none: 'csel', increment: 'csinc', invert: 'csinv', negate: 'csneg' } as const;
const shifts = { left: 'lslv', right: 'lsrv', arithmetic: 'asrv' } as const;

const loadName = ({ size, signed }: { size: number; signed: boolean }, isUnscaled: boolean): string =>
  `${isUnscaled ? 'ldur' : 'ldr'}${signed ? 's' : ''}${size === 8 || (size === 4 && !signed) ? '' : { 1: 'b', 2: 'h', 4: 'w' }[size]}`;

const addressText = (address: LoadAddress, at: number): string => {
  switch (address.kind) {
    case 'literal':
      return (
        at + address.displacement < 0
          ? BigInt.asUintN(64, BigInt(at + address.displacement))
          : at + address.displacement
      ).toString(16);
    case 'base': {
      const { base, displacement, writeback } = address;
      const offset = displacement === 0 && writeback === 'none' ? '' : `, #${displacement}`;
      if (writeback === 'post') return `[${register(base, true)}], #${displacement}`;
      return `[${register(base, true)}${offset}]${writeback === 'pre' ? '!' : ''}`;
    }
    case 'indexed': {
      const { kind, amount } = address.adjustment;
      const index = register(address.index, kind === 'lsl' || kind === 'sxtx');
      const change = kind === 'lsl' && amount === 0 ? '' : `, ${kind}${amount === 0 ? '' : ` #${amount}`}`;
      return `[${register(address.base, true)}, ${index}${change}]`;
    }
    default:
      return address satisfies never;
  }
};

/** The operation in objdump's syntax; several texts if several instructions mean the same. */
const texts = (operation: Operation, at: number): readonly string[] => {
  const { to, wide } = operation;
  const target = register(to, wide);
  switch (operation.kind) {
    case 'constant': {
      const { value } = operation;
      const all = wide ? (1n << 64n) - 1n : (1n << 32n) - 1n;
      const forms: string[] = [];
      for (const [name, part] of [
        ['movz', value],
        ['movn', ~value & all],
      ] as const) {
        for (let shift = 0n; shift < (wide ? 64n : 32n); shift += 16n) {
          if ((part & ~(0xffffn << shift)) !== 0n) continue;
          forms.push(`${name} ${target}, ${hex(part >> shift)}${shift === 0n ? '' : `, lsl #${shift}`}`);
        }
      }
      return forms;
    }
    case 'insert':
      return [
        `movk ${target}, ${hex(operation.value)}${operation.shift === 0 ? '' : `, lsl #${operation.shift}`}`,
      ];
    case 'address': {
      const base = operation.page ? at - (at % 4096) : at;
      const place = base + operation.displacement;
      return [
        `${operation.page ? 'adrp' : 'adr'} ${target}, ${(place < 0 ? BigInt.asUintN(64, BigInt(place)) : place).toString(16)}`,
      ];
    }
    case 'sum': {
      const name = `${operation.subtract ? 'sub' : 'add'}${operation.setsFlags ? 's' : ''}`;
      const { left, right } = operation;
      const nextToSp = left === SP || to === SP;
      if (right.kind === 'constant' && right.value >= 4096n) {
        return [`${name} ${target}, ${register(left, wide)}, ${hex(right.value >> 12n)}, lsl #12`];
      }
      const plain = `${name} ${target}, ${register(left, wide)}, `;
      const zero = right.kind === 'constant' && right.value === 0n ? [`${plain}#0x0, lsl #12`] : [];
      return [plain + operandText(right, wide, nextToSp), ...zero];
    }
    case 'logic': {
      const { operator, left, right, setsFlags } = operation;
      const name = logicNames[`${operator}${operation.invert ? '!' : ''}`] ?? '';
      return [
        `${name}${setsFlags ? 's' : ''} ${target}, ${register(left, wide)}, ${operandText(right, wide, false)}`,
        ...(right.kind === 'register' && right.adjustment.kind === 'ror' && left === 31 && name === 'orr'
          ? [
              `extr ${target}, ${register(right.register, wide)}, ${register(right.register, wide)}, #${right.adjustment.amount}`,
            ]
          : []),
      ];
    }
    case 'bitfield':
      return [
        `${operation.signed ? 'sbfm' : 'ubfm'} ${target}, ${register(operation.from, wide)}, #${operation.immr}, #${operation.imms}`,
      ];
    case 'shift':
      return [
        `${shifts[operation.direction]} ${target}, ${register(operation.left, wide)}, ${register(operation.by, wide)}`,
      ];
    case 'select':
      return [
        `${selections[operation.change]} ${target}, ${register(operation.whenTrue, wide)}, ${register(operation.whenFalse, wide)}, ${conditions[operation.condition]}`,
      ];
    case 'compare': {
      const { left, right, otherwise, condition } = operation;
      const name = operation.subtract ? 'ccmp' : 'ccmn';
      return [
        `${name} ${register(left, wide)}, ${operandText(right, wide, false)}, ${hex(otherwise)}, ${conditions[condition]}`,
      ];
    }
    case 'load': {
      const { address } = operation;
      const plain = `${target}, ${addressText(address, at)}`;
      if (address.kind !== 'base' || address.writeback !== 'none')
        return [`${loadName(operation, false)} ${plain}`];
      // The unprivileged forms load the same; the unscaled ones are told by their offset only.
      return [
        `${loadName(operation, false)} ${plain}`,
        `${loadName(operation, true)} ${plain}`,
        `${loadName(operation, true).replace('ldur', 'ldtr')} ${plain}`,
      ];
    }
    default:
      return operation satisfies never;
  }
};

const randomWords = (count: number, seed: number): Uint32Array => {
  const next = randomNumbers(seed);
  return Uint32Array.from({ length: count }, (_, index) => {
    const word = next();
    // Immediates, registers, loads and anything, a quarter each. Among the registers, SP often.
    if (index % 4 === 0) return ((word & 0xe3ffffff) | 0x10000000) >>> 0;
    if (index % 4 === 1) return ((word & 0xf1ffffff) | 0x0a000000 | (index % 8 === 1 ? 0x3e0 : 0)) >>> 0;
    return index % 4 === 2 ? ((word & 0xf5ffffff) | 0x18000000) >>> 0 : word;
  });
};

const skip = without(GNU);
const lines = skip
  ? []
  : disassemble(GNU, randomWords(40_000, Number(process.env.HYPCHECK_SEED ?? 20200213)));
const known = lines.filter((line) => !isUnknown(line) && !isScalable(line));

const UNDERSTOOD =
  /^(movz|movn|movk|adrp?|(add|sub)s?|and|orr|eor|ands|bics?|orn|eon|[su]bfm|lslv|lsrv|asrv|cs(el|inc|inv|neg)|ccm[np]|ld(u|t)?rs?[bhw]?)$/;

t.test('every decoded operation, written out, is objdump’s text', { skip }, async (t) => {
  const wrong = known.flatMap((line) => {
    const operation = decodeOperation(line.word);
    // Addresses without 0x; a byte's index is not shifted, however it is written.
    const operands = line.operands.replace(/, 0x([0-9a-f]+)$/, ', $1').replace(/(, lsl)? #0\]$/, ']');
    const said = `${line.mnemonic} ${operands}`;
    if (!operation) return [];
    const ours = texts(operation, line.address);
    return ours.includes(said) ? [] : [`${line.word.toString(16)} ${said}: ${ours.join(' or ')}`];
  });
  t.same(wrong.slice(0, 20), []);
  const kinds = new Set(known.flatMap(({ word }) => decodeOperation(word)?.kind ?? []));
  t.equal(kinds.size, 10, [...kinds].join());
});

t.test('every instruction of these mnemonics is decoded', { skip }, async (t) => {
  const missed = known.filter(
    ({ word, mnemonic, operands }) =>
      UNDERSTOOD.test(mnemonic) && !/^[bhsdqv]\d/.test(operands) && decodeOperation(word) === null,
  );
  t.same(
    missed.slice(0, 20).map(({ word, mnemonic, operands }) => `${word.toString(16)} ${mnemonic} ${operands}`),
    [],
  );
});

t.test('decodeTest() gives the condition of a conditional branch', async (t) => {
  t.same(decodeTest(0x5400004c), { kind: 'flags', condition: 12 }, 'b.gt');
  t.same(decodeTest(0x34000041), { kind: 'zero', register: 1, wide: false, negate: false }, 'cbz w1');
  t.same(decodeTest(0xb5000041), { kind: 'zero', register: 1, wide: true, negate: true }, 'cbnz x1');
  t.same(decodeTest(0x36580040), { kind: 'bit', register: 0, bit: 11, negate: false }, 'tbz w0, #11');
  t.same(decodeTest(0xb7580040), { kind: 'bit', register: 0, bit: 43, negate: true }, 'tbnz x0, #43');
  t.equal(decodeTest(0x74020041), null, 'cbgt w1, w2 is not read');
});

t.test('reserved encodings of logical immediates give null', async (t) => {
  t.equal(decodeBitMask(0, 0, 63, true), null);
  t.equal(decodeBitMask(1, 0, 63, true), null, 'all ones');
  t.equal(decodeBitMask(1, 0, 0, false), null, '64 bits in a 32-bit instruction');
  t.equal(decodeBitMask(1, 53, 0, true), 0x800n, 'tst x0, #0x800');
});
