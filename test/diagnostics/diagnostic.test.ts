// SPDX-License-Identifier: GPL-2.0-only OR MIT

import fc from 'fast-check';
import t from 'tap';
import {
  compareDiagnostics,
  type Diagnostic,
  isSourcePlace,
  quote,
} from '../../lib/diagnostics/diagnostic.js';

const base: Diagnostic = {
  warning: 'hyp-call',
  severity: 'warning',
  message: 'm',
  place: { file: 'b.c', line: 5, column: 3 },
  function: null,
  inlinedFrom: [],
  object: 'x.o',
  notes: [],
  fixits: [],
  hyp: null,
};
const at = (file: string, line: number, column: number): Diagnostic => ({
  ...base,
  place: { file, line, column },
});

t.test(
  'diagnostics are sorted by file, line, column, warning, message; those without a line come last',
  async (t) => {
    const sorted: readonly Diagnostic[] = [
      at('a.c', 9, 9),
      at('b.c', 5, 2),
      base,
      { ...base, message: 'n' },
      { ...base, warning: 'hyp-data', message: 'a' },
      at('b.c', 5, 10),
      at('b.c', 10, 1),
      { ...base, place: null, object: 'a.o' },
      { ...base, place: null, object: 'b.o' },
    ];
    for (const seed of [1, 2, 3]) {
      const shuffled = fc.sample(fc.shuffledSubarray([...sorted], { minLength: sorted.length }), {
        seed,
        numRuns: 1,
      })[0];
      t.same([...(shuffled ?? [])].sort(compareDiagnostics), sorted, `shuffled ${seed}`);
    }
  },
);

t.test('the order is antisymmetric and transitive', async () => {
  const some = fc.record({
    warning: fc.constantFrom('hyp-call' as const, 'hyp-data' as const, null),
    message: fc.constantFrom('a', 'b'),
    place: fc.option(fc.record({ file: fc.constantFrom('a.c', 'b.c'), line: fc.nat(2), column: fc.nat(2) })),
    object: fc.constantFrom('x.o', 'y.o'),
  });
  fc.assert(
    fc.property(some, some, some, (first, second, third) => {
      const [a, b, c] = [first, second, third].map((one) => ({ ...base, ...one }));
      if (!a || !b || !c) return false;
      const sign = (x: Diagnostic, y: Diagnostic) => Math.sign(compareDiagnostics(x, y));
      const isTransitive = sign(a, b) > 0 || sign(b, c) > 0 || sign(a, c) <= 0;
      return sign(a, a) === 0 && sign(a, b) + sign(b, a) === 0 && isTransitive;
    }),
  );
});

t.test('places in sources and in objects are told apart; quote() marks a name', async (t) => {
  t.ok(isSourcePlace({ file: 'a.c', line: 1, column: 0 }));
  t.notOk(isSourcePlace({ object: 'a.o', section: '.text', offset: 0 }));
  t.equal(quote('f'), '‘f’');
});
