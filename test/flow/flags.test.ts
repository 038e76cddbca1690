// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// NZCV of sums, differences and masks. The rows are the Arm ARM's AddWithCarry,
// worked out by hand. A flag computed from partly known operands has to be right
// for all numbers that they allow.

import fc from 'fast-check';
import t from 'tap';
import { flagsOf, logicFlags, sumFlags } from '../../lib/flow/flags.js';
import { holds, joinFlags } from '../../lib/flow/state.js';
import { ALL, constant, LOW, makeBits } from '../../lib/flow/values.js';

/** `NzCv`: a capital is set, a small letter clear, `-` unknown. */
const written = (flags: { n: boolean | null; z: boolean | null; c: boolean | null; v: boolean | null }) =>
  (['n', 'z', 'c', 'v'] as const)
    .map((flag) => (flags[flag] === null ? '-' : flags[flag] ? flag.toUpperCase() : flag))
    .join('');

const rows: readonly (readonly [bigint, '+' | '-', bigint, 32 | 64, string])[] = [
  [0x7fffffffn, '+', 1n, 32, 'NzcV'],
  [0x7fffffffn, '+', 1n, 64, 'nzcv'],
  [0xffffffffn, '+', 1n, 32, 'nZCv'],
  [5n, '-', 5n, 64, 'nZCv'],
  [0n, '-', 1n, 64, 'Nzcv'],
  [1n << 63n, '-', 1n, 64, 'nzCV'],
  [1n << 31n, '-', 1n, 32, 'nzCV'],
  [0n, '-', 0n, 32, 'nZCv'],
];

t.test('flags of sums and differences of constants are AddWithCarry’s', async (t) => {
  for (const [left, operator, right, width, flags] of rows) {
    const found = sumFlags(constant(left), constant(right), operator === '-', width === 64);
    t.equal(written(found), flags, `${left} ${operator} ${right}, ${width} bits`);
  }
});

t.test('flags of differences are known as far as known bits and bounds decide them', async (t) => {
  const bit8 = makeBits(0n, 0x100n);
  t.equal(
    written(sumFlags(bit8, constant(0n), true, true)),
    '-zC-',
    'a set bit: the difference to 0 is not 0 and does not borrow',
  );
  t.equal(
    written(sumFlags(makeBits(0n, 0n, 9n), constant(10n), true, true)),
    '--c-',
    'at most 9 is below 10',
  );
  t.equal(
    written(sumFlags(makeBits(0n, 0n, 10n), constant(10n), true, true)),
    '----',
    'at most 10 may be 10',
  );
  t.equal(
    written(sumFlags(bit8, makeBits(0n, 0n, 0x100n), true, true)),
    '--C-',
    'at least 0x100 minus at most 0x100',
  );
  t.equal(written(sumFlags(bit8, constant(0n), false, true)), '----', 'of sums nothing is known');
});

t.test('masks set N and Z and clear C and V; flags are read from the immediate of CCMP', async (t) => {
  t.equal(written(logicFlags(constant(0n), true)), 'nZcv');
  t.equal(written(logicFlags(constant(1n << 31n), false)), 'Nzcv');
  t.equal(written(logicFlags(constant(1n << 31n), true)), 'nzcv');
  t.equal(written(logicFlags(makeBits(ALL ^ 1n, 0n), true)), 'n-cv', 'one bit is unknown');
  t.equal(written(flagsOf(0b1001)), 'NzcV');
});

/** A number, and a value that knows some of its bits. */
const partlyKnown = fc
  .tuple(fc.bigInt({ min: 0n, max: ALL }), fc.bigInt({ min: 0n, max: ALL }), fc.boolean())
  .map(([number, mask, isSmall]) => {
    const one = isSmall ? number & 0xffn : number;
    return { one, value: makeBits(~one & mask & ALL, one & mask, isSmall ? 0xffn : ALL) };
  });

t.test('flags known from partly known operands are those of the exact numbers', async () => {
  fc.assert(
    fc.property(partlyKnown, partlyKnown, fc.boolean(), fc.boolean(), (a, b, subtract, wide) => {
      const cut = (value: typeof a) => (wide ? value.value : makeBits(...low(value.value)));
      const known = sumFlags(cut(a), cut(b), subtract, wide);
      const mask = wide ? ALL : LOW;
      const exact = sumFlags(constant(a.one & mask), constant(b.one & mask), subtract, wide);
      const isSame = [...written(known)].every(
        (flag, index) => flag === '-' || flag === written(exact)[index],
      );
      return isSame && conditions.every((condition) => agrees(known, exact, condition));
    }),
  );
});

const conditions = Array.from({ length: 16 }, (_, condition) => condition);

type Found = ReturnType<typeof sumFlags>;

const holding = (flags: Found, condition: number): boolean | null =>
  holds({ ...flags, compared: null }, condition);

/** Nothing is said of a condition, or what the exact flags say. */
const agrees = (known: Found, exact: Found, condition: number): boolean => {
  const said = holding(known, condition);
  return said === null || said === holding(exact, condition);
};

t.test('where bounds tell which number is larger, the conditions say so', async (t) => {
  const upTo = (max: bigint) => makeBits(0n, 0n, max, max & LOW);
  const said = (left: bigint, right: bigint, wide = true): string => {
    const flags = sumFlags(upTo(left), constant(right), true, wide);
    return conditions
      .filter((condition) => condition < 14 && holding(flags, condition) === true)
      .map((condition) => names[condition])
      .join(' ');
  };
  t.equal(said(1n, 1n), 'LS LE', 'at most 1 is not above 1');
  t.equal(said(1n, 2n), 'LO LS LT LE');
  t.equal(said(1n, 1n, false), 'LS LE', 'as 32 bits');
  t.equal(said(2n, 1n), '', '2 is, and 0 is not');
  t.equal(said(1n << 63n, 1n << 63n), 'LS', 'it may be the least of signed numbers');
  t.equal(said(1n << 31n, 1n << 31n, false), 'LS');
  const joined = joinFlags(
    { ...sumFlags(upTo(1n), constant(1n), true, true), compared: null },
    { ...sumFlags(upTo(1n), constant(2n), true, true), compared: null },
  );
  t.equal(holds(joined, 9), true, 'on both ways LS');
  t.equal(holds(joined, 3), null, 'on one way LO');
});

const names = 'EQ NE HS LO MI PL VS VC HI LS GE LT GT LE'.split(' ');

/** The low half of a value, as instructions on W registers take it. */
const low = (value: ReturnType<typeof makeBits>): readonly [bigint, bigint, bigint] => {
  const { zeros, ones, lowMax } = value?.kind === 'bits' ? value : { zeros: 0n, ones: 0n, lowMax: LOW };
  return [zeros | (ALL ^ LOW), ones & LOW, lowMax];
};
