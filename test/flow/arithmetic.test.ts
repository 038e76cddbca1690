// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Arithmetic on partly known numbers is sound: numbers are chosen, some of their
// bits are hidden, and the result that A64 computes from the whole numbers has to
// be one that the computed value allows. The expected results are BigInt
// arithmetic, written down here from the Arm ARM's pseudocode.

import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Adjustment } from '../../lib/aarch64/operations.js';
import { add, adjust, bitfield, invert, logic, negate, shiftBy } from '../../lib/flow/arithmetic.js';
import {
  ALL,
  bitsOf,
  constant,
  constantOf,
  joinValues,
  LOW,
  low32,
  makeBits,
  type Value,
} from '../../lib/flow/values.js';

const cut = (value: bigint, width = 64): bigint => BigInt.asUintN(width, value);

/** A number, and a value that knows some of its bits and a bound. */
const partlyKnown = fc
  .tuple(
    fc.oneof(fc.bigInt({ min: 0n, max: ALL }), fc.bigInt({ min: 0n, max: 4096n })),
    fc.oneof(fc.constant(0n), fc.constant(ALL), fc.bigInt({ min: 0n, max: ALL })),
    fc.bigInt({ min: 0n, max: 1000n }),
  )
  .map(([number, mask, slack]) => {
    const max = number + slack <= ALL ? number + slack : ALL;
    return { number, value: makeBits(~number & mask & ALL, number & mask, max) };
  });

const covers = (value: Value, number: bigint): boolean => {
  const { zeros, ones, max, lowMax } = bitsOf(value);
  return (number & zeros) === 0n && (number & ones) === ones && number <= max && (number & LOW) <= lowMax;
};

const holds = (t: Test, property: fc.IProperty<unknown>): void => {
  t.doesNotThrow(() => fc.assert(property as fc.IProperty<unknown>, { numRuns: 2000 }));
};

t.test('a partly known sum or difference allows the exact one', async (t) => {
  holds(
    t,
    fc.property(partlyKnown, partlyKnown, fc.boolean(), (a, b, subtract) => {
      const number = cut(subtract ? a.number - b.number : a.number + b.number);
      return covers(add(a.value, b.value, subtract), number);
    }) as fc.IProperty<unknown>,
  );
});

t.test('a partly known AND, ORR or EOR allows the exact result, inverted operands included', async (t) => {
  holds(
    t,
    fc.property(
      partlyKnown,
      partlyKnown,
      fc.constantFrom('and', 'or', 'xor'),
      fc.boolean(),
      (a, b, operator, isInverted) => {
        const right = isInverted ? ~b.number & ALL : b.number;
        const number =
          operator === 'and' ? a.number & right : operator === 'or' ? a.number | right : a.number ^ right;
        return covers(logic(operator as 'and' | 'or' | 'xor', a.value, b.value, isInverted), number);
      },
    ) as fc.IProperty<unknown>,
  );
});

/** UBFM and SBFM, bit by bit. */
const moveField = (number: bigint, signed: boolean, immr: number, imms: number, width: number): bigint => {
  const length = imms >= immr ? imms - immr + 1 : imms + 1;
  const source = imms >= immr ? immr : 0;
  const target = imms >= immr ? 0 : width - immr;
  let field = (cut(number, width) >> BigInt(source)) & ((1n << BigInt(length)) - 1n);
  if (signed && (field >> BigInt(length - 1)) & 1n) field |= ~((1n << BigInt(length)) - 1n);
  return cut(field << BigInt(target), width);
};

t.test('a partly known bit field allows the exact one, and is constant if its bits are known', async (t) => {
  holds(
    t,
    fc.property(
      partlyKnown,
      fc.boolean(),
      fc.boolean(),
      fc.nat(63),
      fc.nat(63),
      (a, signed, wide, immr, imms) => {
        const width = wide ? 64 : 32;
        const r = immr % width;
        const s = imms % width;
        const value = bitfield(a.value, signed, r, s, wide);
        return covers(wide ? value : low32(value), moveField(a.number, signed, r, s, width));
      },
    ) as fc.IProperty<unknown>,
  );
  // ubfx x1, x0, #11, #1 of a word in which only bit 11 is known.
  const word = makeBits(1n << 11n, 0n);
  t.equal(constantOf(bitfield(word, false, 11, 11, true)), 0n);
  t.equal(constantOf(bitfield(word, false, 11, 12, true)), null, 'two bits, one of them unknown');
});

const extensions: readonly (readonly [Adjustment['kind'], number, boolean])[] = [
  ['uxtb', 8, false],
  ['uxth', 16, false],
  ['uxtw', 32, false],
  ['uxtx', 64, false],
  ['sxtb', 8, true],
  ['sxth', 16, true],
  ['sxtw', 32, true],
  ['sxtx', 64, true],
];

t.test('a partly known operand, extended or shifted, allows the exact one', async (t) => {
  holds(
    t,
    fc.property(
      partlyKnown,
      fc.constantFrom(...extensions),
      fc.nat(4),
      (a, [kind, width, signed], amount) => {
        const extended = signed ? BigInt.asIntN(width, a.number) : cut(a.number, width);
        return covers(adjust(a.value, { kind, amount }, true), cut(extended << BigInt(amount)));
      },
    ) as fc.IProperty<unknown>,
  );
  holds(
    t,
    fc.property(partlyKnown, fc.constantFrom('lsl', 'lsr', 'asr', 'ror'), fc.nat(63), (a, kind, amount) => {
      const by = BigInt(amount);
      const numbers = {
        lsl: cut(a.number << by),
        lsr: a.number >> by,
        asr: cut(BigInt.asIntN(64, a.number) >> by),
        ror: cut((a.number >> by) | (a.number << (64n - by))),
      };
      return covers(adjust(a.value, { kind: kind as 'lsl', amount }, true), numbers[kind as 'lsl']);
    }) as fc.IProperty<unknown>,
  );
});

t.test('a shift by a partly known amount allows the exact result', async (t) => {
  holds(
    t,
    fc.property(
      partlyKnown,
      partlyKnown,
      fc.constantFrom('left', 'right', 'arithmetic'),
      fc.boolean(),
      (a, by, direction, wide) => {
        const width = wide ? 64 : 32;
        const amount = by.number % BigInt(width);
        const number = cut(a.number, width);
        const results = {
          left: cut(number << amount, width),
          right: number >> amount,
          arithmetic: cut(BigInt.asIntN(width, number) >> amount, width),
        };
        const value = shiftBy(a.value, by.value, direction as 'left', wide);
        return covers(wide ? value : low32(value), results[direction as 'left']);
      },
    ) as fc.IProperty<unknown>,
  );
});

t.test('complements, the low half and a join allow the exact numbers', async (t) => {
  const sink = { used: () => {}, lost: () => {} };
  holds(
    t,
    fc.property(partlyKnown, partlyKnown, (a, b) => {
      const joined = joinValues(a.value, b.value, sink);
      return (
        covers(negate(a.value), cut(-a.number)) &&
        covers(invert(a.value), ~a.number & ALL) &&
        covers(low32(a.value), a.number & LOW) &&
        covers(joined, a.number) &&
        covers(joined, b.number)
      );
    }) as fc.IProperty<unknown>,
  );
  t.equal(constantOf(constant(5n)), 5n);
  t.equal(constantOf(null), null);
});
