// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The sentences, which are fixed: other tools match them. The expected text comes
// from the design, not from the program.

import t from 'tap';
import type { Claim, End, HypLink, Writable } from '../../lib/pages/claim.js';
import { wordingOf } from '../../lib/pages/registry.js';
import { instrumentationOf } from '../../lib/policy/instrumentation.js';

const hyp: End = { name: 'handle_trap', section: '.hyp.text' };
const host: End = { name: 'kvm_arch_init', section: '.init.text' };
const text: End = { name: 'panic', section: '.text' };
const data: End = { name: 'jiffies', section: '.data' };
const bss: End = { name: 'kvm_arm_vmid_bits', section: '.bss' };
const undefinedEnd: End = { name: 'memset', section: null };
const unnamed: End = { name: null, section: '.data' };
const table: End = { name: 'host_hcall', section: '.hyp.rodata' };

const sentences: readonly (readonly [Claim, string])[] = [
  [
    { warning: 'hyp-call', facts: { access: 'call', from: hyp, to: text } },
    'call to ‘panic’ (section ‘.text’) from hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    {
      warning: 'hyp-call',
      facts: { access: 'call', from: hyp, to: { ...text, section: '.text.panic.llvm.17893012345678901234' } },
    },
    'call to ‘panic’ (section ‘.text.panic’) from hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-call', facts: { access: 'jump', from: hyp, to: text } },
    'jump to ‘panic’ (section ‘.text’) from hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-call', facts: { access: 'call', from: hyp, to: undefinedEnd } },
    'call to ‘memset’, which is not defined in hyp code, from hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    {
      warning: 'hyp-call',
      facts: { access: 'call', from: { ...hyp, name: null }, to: { ...text, name: null } },
    },
    'call to code without a symbol (section ‘.text’) from hyp code (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-data', facts: { access: 'load', from: hyp, to: data } },
    'read of ‘jiffies’ (section ‘.data’) in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-data', facts: { access: 'store', from: hyp, to: unnamed } },
    'write to data without a symbol (section ‘.data’) in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-data', facts: { access: 'address', from: hyp, to: data } },
    'address of ‘jiffies’ (section ‘.data’) formed in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-write', facts: { from: hyp, to: bss } },
    'write to ‘kvm_arm_vmid_bits’ (section ‘.bss’), which EL2 maps read-only, in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-absolute', facts: { use: 'branch', from: hyp, to: text } },
    'kernel address of ‘panic’ (section ‘.text’) is branched to in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-absolute', facts: { use: 'load', from: hyp, to: data } },
    'kernel address of ‘jiffies’ (section ‘.data’) is read through in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-absolute', facts: { use: 'store', from: hyp, to: data } },
    'kernel address of ‘jiffies’ (section ‘.data’) is written through in hyp code ‘handle_trap’ (section ‘.hyp.text’)',
  ],
  [
    { warning: 'hyp-absolute', facts: { use: 'held', from: table, to: text } },
    'hyp data ‘host_hcall’ (section ‘.hyp.rodata’) holds the address of ‘panic’ (section ‘.text’), which belongs to the host',
  ],
  [
    { warning: 'hyp-absolute', facts: { use: 'held', from: hyp, to: text } },
    'hyp code ‘handle_trap’ (section ‘.hyp.text’) holds the address of ‘panic’ (section ‘.text’), which belongs to the host',
  ],
  [
    { warning: 'hyp-section', facts: { kind: 'variable', name: 'count', section: '.data', writable: 'bss' } },
    'variable ‘count’ of hyp code lands in section ‘.data’, where EL2 does not find it',
  ],
  [
    {
      warning: 'hyp-section',
      facts: { kind: 'function', name: 'helper', section: '.init.text', writable: 'bss' },
    },
    'function ‘helper’ of hyp code lands in section ‘.init.text’, where EL2 does not find it',
  ],
  [
    { warning: 'hyp-section', facts: { kind: 'section', section: '.data' } },
    "section ‘.data’ of hyp code is the host's, where EL2 does not find it",
  ],
  [
    {
      warning: 'hyp-veneer',
      facts: {
        access: 'call',
        from: hyp,
        to: text,
        veneer: { name: '__panic_veneer', section: '.text', kind: 'far', isAbsolute: false },
      },
    },
    'call to ‘panic’ (section ‘.text’) from hyp code ‘handle_trap’ (section ‘.hyp.text’) goes through veneer ‘__panic_veneer’ (section ‘.text’)',
  ],
  [
    {
      warning: 'hyp-veneer',
      facts: {
        access: 'jump',
        from: hyp,
        to: text,
        veneer: { name: null, section: '.hyp.text', kind: 'far', isAbsolute: true },
      },
    },
    'jump to ‘panic’ (section ‘.text’) from hyp code ‘handle_trap’ (section ‘.hyp.text’) goes through a veneer (section ‘.hyp.text’)',
  ],
  [
    {
      warning: 'hyp-veneer',
      facts: {
        access: 'jump',
        from: hyp,
        to: text,
        veneer: { name: 'e843419@0001_00000012_3c', section: '.text', kind: 'erratum', isAbsolute: false },
      },
    },
    'hyp code ‘handle_trap’ (section ‘.hyp.text’) goes through a stub of the linker for an erratum, in section ‘.text’',
  ],
  [
    { warning: 'hyp-from-host', facts: { access: 'call', from: host, to: hyp } },
    'call to hyp code ‘handle_trap’ (section ‘.hyp.text’), which runs only at EL2, from host code ‘kvm_arch_init’ (section ‘.init.text’)',
  ],
  [
    { warning: 'hyp-from-host', facts: { access: 'jump', from: host, to: hyp } },
    'jump to hyp code ‘handle_trap’ (section ‘.hyp.text’), which runs only at EL2, from host code ‘kvm_arch_init’ (section ‘.init.text’)',
  ],
  [{ warning: 'hyp-unchecked', facts: { kind: 'sentence', sentence: 'truncated' } }, 'truncated'],
];

t.test('each claim has its sentence', async (t) => {
  for (const [finding, expected] of sentences) t.equal(wordingOf(finding).message, expected);
});

t.test('a sentence about instrumentation names it, and its remedy is the first advice', async (t) => {
  const instrumentation = instrumentationOf('__asan_load8_noabort');
  t.ok(instrumentation);
  if (instrumentation === null) return;
  const to: End = { name: '__asan_load8_noabort', section: '.text' };
  type Facts = Extract<Claim, { warning: 'hyp-instrumentation' }>['facts'];
  const word = (facts: Partial<Extract<Facts, { readonly to: End }>>) =>
    wordingOf({
      warning: 'hyp-instrumentation',
      facts: { access: 'call', from: hyp, to, instrumentation, ...facts },
    });
  const made = ': made by the compiler for KASAN';
  const from = 'hyp code ‘handle_trap’ (section ‘.hyp.text’)';
  const silent = (access: 'push' | 'entry', table: string | null) =>
    wordingOf({ warning: 'hyp-instrumentation', facts: { access, from: hyp, table, instrumentation } })
      .message;
  t.equal(silent('push', null), `use of the shadow call stack in ${from}${made}`);
  t.equal(
    silent('entry', '__mcount_loc'),
    `the host patches calls into ${from}, which ‘__mcount_loc’ lists${made}`,
  );
  t.equal(word({}).message, `call to ‘__asan_load8_noabort’ (section ‘.text’) from ${from}${made}`);
  t.equal(
    word({ access: 'jump', to: { ...to, section: null } }).message,
    `jump to ‘__asan_load8_noabort’, which is not defined in hyp code, from ${from}${made}`,
  );
  t.equal(
    word({ access: 'address', to: unnamed }).message,
    `address of data without a symbol (section ‘.data’) formed in ${from}${made}`,
  );
  t.equal(
    word({ access: 'store', to: bss }).message,
    `write to ‘kvm_arm_vmid_bits’ (section ‘.bss’) in ${from}${made}`,
  );
  t.equal(
    word({ access: 'absolute', from: table, to: unnamed }).message,
    `hyp data ‘host_hcall’ (section ‘.hyp.rodata’) holds the address of data without a symbol (section ‘.data’), which belongs to the host${made}`,
  );
  t.same(word({}).advice, [instrumentation.remedy, 'it comes with CONFIG_KASAN']);
  t.same(word({ instrumentation: { ...instrumentation, option: null } }).advice, [instrumentation.remedy]);
});

t.test('undefined symbols are one sentence without a count, which says what to check instead', async (t) => {
  const word = (names: readonly string[]): string =>
    wordingOf({ warning: 'hyp-unchecked', facts: { kind: 'undefined', names } }).message;
  for (const [names, expected] of [
    [['a'], 'references to ‘a’ could not be judged: no input defines it; check vmlinux.o'],
    [['a', 'b'], 'references to ‘a’ and ‘b’ could not be judged: no input defines them; check vmlinux.o'],
    [
      ['a', 'b', 'c'],
      'references to ‘a’, ‘b’ and others could not be judged: no input defines them; check vmlinux.o',
    ],
  ] as const) {
    t.ok(word(names).startsWith(`${expected} `), word(names));
    t.match(word(names), /--build.*--whole/);
  }
  t.equal(word(['a', 'b', 'c']), word(['a', 'b', 'c', 'd']));
  const ofModule = { kind: 'undefined', names: ['a'], link: 'module' } as const;
  t.match(wordingOf({ warning: 'hyp-unchecked', facts: ofModule }).message, /modules that may export/);
});

t.test('advice depends on the warning, the target and the link of the hyp code', async (t) => {
  const advice = (finding: Claim): readonly string[] => wordingOf(finding).advice;
  for (const [finding] of sentences) {
    const notes = advice(finding);
    switch (finding.warning) {
      case 'hyp-from-host':
        t.match(notes, [/^use kvm_call_hyp_nvhe/]);
        break;
      case 'hyp-section':
      case 'hyp-veneer':
        t.equal(notes.length, 1);
        break;
      default:
        t.same(notes, []);
    }
  }
  // Other links, other remedies.
  const ends = (link: HypLink) => ({ from: hyp, to: data, link });
  const broken: readonly ((link: HypLink) => Claim)[] = [
    (link) => ({ warning: 'hyp-call', facts: { ...ends(link), access: 'call' } }),
    (link) => ({ warning: 'hyp-data', facts: { ...ends(link), access: 'load' } }),
    (link) => ({ warning: 'hyp-write', facts: ends(link) }),
    (link) => ({ warning: 'hyp-absolute', facts: { ...ends(link), use: 'load' } }),
  ];
  const links = ['shared', 'own', 'alias', 'module'] as const;
  for (const claim of broken) {
    const [shared = '', own = '', alias = '', module = ''] = links.map((link) =>
      advice(claim(link)).join('; '),
    );
    t.notMatch(shared, /image-vars|nvhe/);
    t.match(alias, /alias/);
    t.match(module, /module/);
    t.equal(new Set([shared, own, alias, module]).size, 4);
  }
  const held = { use: 'held', from: table, to: text, link: 'shared' } as const;
  t.match(advice({ warning: 'hyp-absolute', facts: held }), [/^let it name code or data of hyp only/]);
  const dataAdvice = (section: string | null, link: HypLink) =>
    advice({ warning: 'hyp-data', facts: { from: hyp, to: { name: 'x', section }, link, access: 'load' } });
  t.match(dataAdvice(null, 'own'), [/image-vars\.h makes it link, and helps only/], 'no alias exists yet');
  t.match(dataAdvice('.hyp.data..percpu', 'own'), [/^use this_cpu_ptr\(\)/], 'the template of per-CPU data');
  t.match(dataAdvice('.data..percpu', 'alias'), [/per-CPU variable of its own/]);
  t.same(dataAdvice('.data..percpu', 'shared'), dataAdvice('.data', 'shared'));
  const perCpu = { ...ends('module'), access: 'load', isPerCpu: true } as const;
  t.match(advice({ warning: 'hyp-data', facts: perCpu }), [/array/]);
  const leftToHost = { from: hyp, to: { name: 'zero', section: '.bss' }, link: 'own' } as const;
  t.match(advice({ warning: 'hyp-write', facts: leftToHost }), [/^make it per CPU/]);
  const strayAdvice = (writable: Writable) =>
    advice({
      warning: 'hyp-section',
      facts: { kind: 'variable', name: 'count', section: '.mine', writable },
    });
  t.match(strayAdvice('bss'), [/^let it start at zero/]);
  t.match(strayAdvice('data'), [/^take the section attribute off/]);
  t.match(strayAdvice('per-cpu'), [/^make it const, __ro_after_init or per CPU/]);
  const relocated = { kind: 'section', section: '.data.rel.ro.local' } as const;
  t.match(advice({ warning: 'hyp-section', facts: relocated }), [/-fpie/]);
  t.same(advice({ warning: 'hyp-unchecked', facts: { kind: 'undefined', names: ['a'] } }), []);
});
