// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The audit of what hyp code relies on the compiler to inline. Debug information is made
// up: f and e are hyp code, and helpers of h.h are inlined into their words.

import t from 'tap';
import type { InlinedInstance, SourceFrame } from '../../lib/dwarf/source-frame.js';
import { type AuditOptions, auditInlines } from '../../lib/inline/audit.js';
import { code, type Item } from '../support/object-builder.js';
import { build, imageOf } from '../support/objects.js';
import { declarationsIn } from './declared.js';

const nop = 0xd503201f;

const frame = (name: string, line: number, file = 'c.c'): SourceFrame => ({
  ...{ file, line, column: 3, directory: null, function: name },
});

interface Inlining {
  readonly name: string | null;
  /** Who calls it in which line, innermost first: `f 12`. */
  readonly at: readonly string[];
  /** Ranges of its words, by index in the section; by default the first word. */
  readonly words?: readonly (readonly [number, number])[];
  readonly entry?: number | null;
  readonly inline?: number;
  readonly file?: string;
}

interface Setting {
  readonly sections?: readonly string[];
  readonly problem?: string;
  readonly hasUnits?: boolean;
  readonly isExecuted?: (word: number) => boolean;
  readonly calls?: string;
  readonly errors?: AuditOptions['errors'];
  readonly path?: string;
}

const static_ = (name: string, body = '{ return 0; }'): string => `static inline int ${name}(void) ${body}`;

/** The audit of one object. A diagnostic is a line `g h.h:1 warning`, then its notes. */
const audited = async (header: string, inlined: readonly Inlining[], setting: Setting = {}) => {
  const { sections = ['.comment'], problem, hasUnits = true, isExecuted = () => true, calls } = setting;
  const call: Item = calls ? { word: 0x94000000, relocation: { type: 283, to: calls } } : nop;
  const object = await build(
    {
      sections: [
        {
          name: '.hyp.text',
          flags: code,
          items: [{ label: 'f' }, call, nop, nop, nop, { label: 'e' }, nop, nop],
        },
        { name: '.text', flags: code, items: [nop] },
        ...sections.map((name) => ({ name })),
      ],
    },
    setting.path ?? 'a.o',
  );
  const lines = header.split('\n');
  const instances = inlined.map(({ name, at, words = [[0, 1]], entry = null, inline = 0, file = 'h.h' }) => {
    const line =
      lines.findIndex((text) => name !== null && new RegExp(`\\b${name}\\(void\\)`).test(text)) + 1;
    const instance: InlinedInstance = {
      callee: { name, inline, declaration: { ...frame('?', line, file), column: 19, function: name } },
      ranges: words.map(([start, end]) => ({ start: start * 4, end: end * 4 })),
      entry: entry === null ? null : entry * 4,
      frames: at.map((one) => {
        const [by = '', where = '0'] = one.split(' ');
        return frame(by, Number(where));
      }),
    };
    return instance;
  });
  const { diagnostics, unreadable, untold } = auditInlines(imageOf([object]), {
    declarations: declarationsIn({ 'h.h': header }),
    locatorOf: () => ({
      *inlinedInstances({ name }: { readonly name: string }, problems: Set<string>) {
        if (problem !== undefined) problems.add(problem);
        if (name === '.hyp.text') yield* instances;
      },
      hasUnitsIn: () => hasUnits,
    }),
    isExecuted: ({ offset }) => isExecuted(offset / 4),
    errors: setting.errors ?? new Set(),
  });
  return {
    told: diagnostics.flatMap(({ hyp, place, severity, notes }) => [
      `${hyp?.to?.symbol} ${place?.file}:${place?.line} ${severity}`,
      ...notes.map(
        ({ message, place: at }) =>
          `  ${message.replaceAll(/[‘’]/g, "'")}${at && 'line' in at ? ` at ${at.line}` : ''}`,
      ),
    ]),
    fixes: diagnostics.flatMap(({ fixits }) => fixits.map(({ start, text }) => `${start.line} ${text}`)),
    unreadable: [...unreadable].map(([file, { object: of, names }]) => `${of} ${file}: ${[...names].join()}`),
    untold: [...untold].flatMap(([of, problems]) => [...problems].map((one) => `${of}: ${one}`)),
  };
};

t.test('the notes say which hyp function relies on a helper, how often, through which', async (t) => {
  const header = `${static_('g')}\n${static_('h')}`;
  const { told, fixes, untold } = await audited(header, [
    { name: 'g', at: ['f 12'] },
    { name: 'g', at: ['f 14'] },
    { name: 'g', at: ['h 2', 'e 5'] },
    { name: 'g', at: ['e 0'] },
    { name: 'h', at: ['e 5'] },
  ]);
  t.same(told, [
    'g h.h:1 warning',
    "  hyp code 'e' relies on it",
    "  hyp code 'e' relies on it, through 'h' at 5",
    "  hyp code 'f' relies on it 2 times at 12",
    'h h.h:2 warning',
    "  hyp code 'e' relies on it at 5",
  ]);
  t.same(fixes, ['1 __always_inline', '2 __always_inline']);
  t.same(untold, []);
  const errors = new Set(['hyp-inline-hint'] as const);
  t.equal((await audited(header, [{ name: 'g', at: ['f 1'] }], { errors })).told[0], 'g h.h:1 error');
});

t.test('only what the compiler may or may not inline is listed', async (t) => {
  const told = async (declaration: string, more: Partial<Inlining> = {}) =>
    (await audited(declaration, [{ name: 'g', at: ['f 1'], ...more }])).told[0];
  t.equal(
    await told('static int g(void) { return 0; }'),
    'g h.h:1 warning',
    'not inline: the compiler chose to inline it',
  );
  t.equal(await told('static __attribute__((always_inline)) inline int g(void) { return 0; }'), undefined);
  t.equal(await told(`__attribute__((section(".hyp.text"))) ${static_('g')}`), undefined);
  t.equal(await told(static_('g'), { name: null }), undefined, 'no name');
  t.equal(await told(static_('f'), { name: 'f', at: ['e 1'] }), undefined, 'it is hyp code itself');
  t.equal(await told(static_('f'), { name: 'f.part.0', at: ['e 1'] }), undefined);
  t.equal(await told(static_('g'), { at: ['g 1', 'f 1'] }), undefined, 'inlined into itself');
});

t.test('what prevents an edit is the first note', async (t) => {
  const { told, fixes } = await audited('int g(void) { return 0; }', [{ name: 'g', at: ['f 1'] }]);
  t.match(told[1], /make 'g' hyp code, or declare it 'static __always_inline'/);
  t.same(fixes, []);
});

t.test('a helper that only VHE executes is not listed', async (t) => {
  const of = async (more: Partial<Inlining>, isExecuted: (word: number) => boolean) =>
    (await audited(static_('g'), [{ name: 'g', at: ['f 1'], ...more }], { isExecuted })).told.length > 0;
  const words = [[0, 4]] as const;
  t.equal(await of({ words }, () => false), false);
  t.equal(await of({ words }, (word) => word === 3), true, 'without an entry any executed word counts');
  t.equal(await of({ words, entry: 0 }, (word) => word === 3), false, 'its entry is not executed');
  t.equal(await of({ words, entry: 0 }, (word) => word === 0), true);
  t.equal(await of({ words, entry: 0 }, (word) => word > 1), true, 'half of its words are executed');
  t.equal(
    await of(
      {
        words: [
          [0, 1],
          [4, 6],
        ] as const,
        entry: 0,
      },
      (word) => word > 3,
    ),
    true,
    'in several ranges',
  );
  t.equal(await of({ words: [] }, () => true), false, 'no instruction is left');
});

t.test('helpers that listed helpers call are found in the source', async (t) => {
  const header = [
    static_('g', '{ return h() + k() + outside(); }'),
    static_('h', '{ return i(); }'),
    static_('i'),
    'static int k(void) { return 0; }',
  ].join('\n');
  const g = { name: 'g', at: ['f 1'] } as const;
  const { told } = await audited(header, [g]);
  t.same(told, [
    'g h.h:1 warning',
    "  hyp code 'f' relies on it at 1",
    'h h.h:2 warning',
    "  'g', which is inlined into hyp code, calls it",
    'i h.h:3 warning',
    "  'h', which is inlined into hyp code, calls it",
  ]);
  const idle = await audited(header, [g, { name: 'h', at: ['f 1'], words: [[2, 3]] }], {
    isExecuted: (word) => word !== 2,
  });
  t.same(idle.told.length, 2, 'not one that was inlined where only VHE goes');
  const gone = await audited(header, [g, { name: 'h', at: ['f 1'], words: [] }]);
  t.same(gone.told.length, 6, 'one that has no instruction is found in the source');
  const forced = static_('h', '{ return i(); }').replace('inline', '__attribute__((always_inline)) inline');
  const through = await audited([static_('g', '{ return h(); }'), forced, static_('i')].join('\n'), [g]);
  t.same(
    through.told.filter((line) => !line.startsWith(' ')),
    ['g h.h:1 warning', 'i h.h:3 warning'],
    'through a helper that is always inlined',
  );
  const called = await audited(header, [g], { calls: 'h' });
  t.same(called.told.length, 2, 'not one that hyp code calls: that is a finding of its own');
  const circle = [static_('g', '{ return h(); }'), static_('h', '{ return g(); }')].join('\n');
  t.equal((await audited(circle, [g])).told.length, 4);
});

t.test('a file that cannot be read is listed, with the functions declared in it', async (t) => {
  const { told, unreadable } = await audited(
    '',
    [
      { name: 'g', at: ['f 1'], file: 'missing.h', inline: 3 },
      { name: 'h', at: ['f 1'], file: 'missing.h' },
    ].map((one) => ({ ...one })),
  );
  t.same(told, []);
  t.same(unreadable, []);
  const lines = `${static_('g')}\n${static_('h')}`;
  const missing = await audited(lines, [
    { name: 'g', at: ['f 1'], file: 'missing.h' },
    { name: 'h', at: ['f 1'], file: 'missing.h' },
  ]);
  t.same(missing.unreadable, ['a.o missing.h: g,h']);
  t.same(missing.told, []);
});

t.test('missing or damaged debug information of compiled objects is reported', async (t) => {
  const of = async (setting: Setting) => (await audited(static_('g'), [], setting)).untold;
  t.same(await of({ hasUnits: false }), ['a.o: there is no debug information']);
  t.same(await of({ hasUnits: false, sections: [] }), [], 'assembly');
  t.same(await of({}), []);
  t.same(await of({ problem: 'it is torn' }), ['a.o: it is torn']);
  t.same(
    await of({ problem: 'it is torn', hasUnits: false }),
    ['a.o: it is torn'],
    'damaged: not called missing, too',
  );
});
