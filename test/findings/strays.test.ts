// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Findings about parts of hyp code that are in sections of the host (strays). What
// counts as a stray is tested with the policy.

import t from 'tap';
import { SHF, STB, STT } from '../../lib/elf/vocabulary.js';
import { strayFindings } from '../../lib/findings/strays.js';
import { generations } from '../../lib/policy/generations.js';
import { noFacts } from '../../lib/policy/hyp-map.js';
import type { Judgement } from '../../lib/policy/judge.js';
import { judgementOn, policyOf } from '../policy/judged.js';
import { type BuiltSection, code, type Item } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

const policy = policyOf(generations.nvhe);

const variable = (label: string): readonly Item[] => [
  { label, type: STT.OBJECT, binding: STB.GLOBAL, size: 8 },
  { quad: 1n },
];

t.test('a stray variable, function or section is a finding with those that use it', async (t) => {
  const object = await build(
    {
      sections: [
        { name: '.data', flags: SHF.ALLOC | SHF.WRITE, items: variable('__kvm_nvhe_count') },
        {
          name: '.init.text',
          flags: code,
          items: [{ label: '__kvm_nvhe_setup', type: STT.FUNC, binding: STB.GLOBAL, size: 4 }, 0xd65f03c0],
        },
        { name: '.data.bare', flags: SHF.ALLOC | SHF.WRITE, items: [{ quad: 1n }] },
      ],
    },
    'kvm_nvhe.o',
  );
  const some = await judgementOn({ access: 'load', to: '.data' });
  const use = (section: string, name: string | null): Judgement => ({
    ...some,
    target: {
      ...some.target,
      name,
      section,
      place: { object, section: sectionOf(object, section), offset: 0 },
    },
  });
  const uses = [
    use('.data', '__kvm_nvhe_count'),
    use('.data', 'another'),
    use('.data.bare', null),
    use('.data', '__kvm_nvhe_count'),
  ];
  const findings = strayFindings(object, uses, policy);
  t.same(
    findings.map(({ claim, shows }) => [claim.facts, shows]),
    [
      [{ kind: 'variable', name: 'count', section: '.data', writable: 'bss' }, 'variable'],
      [{ kind: 'function', name: 'setup', section: '.init.text', writable: 'bss' }, 'function'],
      [{ kind: 'section', section: '.data.bare' }, 'variable'],
    ],
  );
  t.same(
    findings.map(({ users }) => users),
    [[uses[0], uses[3]], [], [uses[2]]],
    'each has its users',
  );
  t.ok(findings.every(({ object: path, at }) => path === 'kvm_nvhe.o' && at !== null));
});

t.test('stray data without a symbol is reported where it is used', async (t) => {
  const object = await build(
    { sections: [{ name: '.data', flags: SHF.ALLOC | SHF.WRITE, items: variable('__kvm_nvhe_count') }] },
    'vmlinux.o',
  );
  const some = await judgementOn({ access: 'load', to: '.data' });
  const unnamed = { ...some, target: { ...some.target, name: null } };
  const findings = strayFindings(object, [unnamed], policy);
  t.same(
    findings.map(({ claim }) => claim.facts),
    [
      { kind: 'variable', name: 'count', section: '.data', writable: 'bss' },
      { kind: 'section', section: '.data' },
    ],
  );
  t.equal(findings[1]?.judgement, unnamed);
  t.equal(findings[1]?.at, unnamed.reference.owner);
});

t.test(
  'where hyp data may be writable is known by hyp.lds, else by the sections of the object',
  async (t) => {
    const data = { name: '.hyp.data', flags: SHF.ALLOC | SHF.WRITE, items: [{ quad: 1n }] } as const;
    const stray = { name: '.mine', flags: SHF.ALLOC | SHF.WRITE, items: variable('__kvm_nvhe_often') };
    const writable = async (sections: readonly BuiltSection[], gathered?: readonly string[]) => {
      const linkOf = () => (gathered ? { gathers: (name: string) => gathered.includes(name) } : null);
      const [finding] = strayFindings(
        await build({ sections }, 'kvm_nvhe.o'),
        [],
        policyOf(generations.nvhe, { ...noFacts, linkOf }),
      );
      const { facts } = finding?.claim ?? {};
      return facts && 'writable' in facts ? facts.writable : null;
    };
    t.equal(await writable([data, stray]), 'data');
    t.equal(await writable([stray]), 'bss');
    t.equal(
      await writable([stray], ['.text', '.bss', '.data']),
      'data',
      'although the object has no .hyp.data',
    );
    t.equal(await writable([data, stray], ['.text', '.bss']), 'bss', 'although the object has a .hyp.data');
    t.equal(await writable([stray], ['.text']), 'per-cpu');
  },
);
