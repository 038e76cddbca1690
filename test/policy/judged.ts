// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A verdict on one made-up reference: from a function of a hyp section to a
// place in a section of any name.

import type { Use } from '../../lib/code/value-flow.js';
import { SHF, SHT, STB, STT } from '../../lib/elf/vocabulary.js';
import type { PlacedTarget } from '../../lib/link/place.js';
import { type Generation, generations } from '../../lib/policy/generations.js';
import { HypMap, type KernelFacts, noFacts } from '../../lib/policy/hyp-map.js';
import { type Judgement, judge } from '../../lib/policy/judge.js';
import type { Policy } from '../../lib/policy/policy.js';
import type { Access, AddressSource, Reference } from '../../lib/references/reference.js';
import { code, type Item } from '../support/object-builder.js';
import { build, sectionOf } from '../support/objects.js';

export interface Case {
  readonly access: Access;
  /** The section of the target; null: it is undefined. */
  readonly to: string | null;
  /** The target's name. */
  readonly name?: string;
  /** The function that refers to the target. */
  readonly from?: string;
  /** The section of that function. */
  readonly fromSection?: string;
  readonly generation?: Generation;
  /** What the kernel says of its map. */
  readonly kernel?: KernelFacts;
  readonly whole?: boolean;
  readonly uses?: readonly Use[];
  readonly isWeak?: boolean;
  readonly isPrefetch?: boolean;
  readonly throughGot?: boolean;
  readonly source?: AddressSource;
  readonly aliasOf?: string;
  /** The object's path. */
  readonly object?: string;
  /** Instructions before the reference in its function. */
  readonly before?: readonly number[];
}

const isCodeName = (name: string): boolean => /text/.test(name);

export const judgementOn = async (one: Case): Promise<Judgement> => {
  const { access, to, name = 'target', from = 'f', fromSection = '.hyp.text' } = one;
  const label: Item = { label: name, type: STT.FUNC, binding: STB.GLOBAL, size: 8 };
  const origin: readonly Item[] = [
    { label: from, type: STT.FUNC, binding: STB.GLOBAL },
    ...(one.before ?? []),
    0xd503201f,
    0xd65f03c0,
    { end: from },
  ];
  const target: Item = { quad: 0n };
  const flags = (section: string) => (isCodeName(section) ? code : SHF.ALLOC | SHF.WRITE);
  const isBss = (section: string) => /bss/.test(section);
  const object = await build(
    {
      sections: [
        {
          name: fromSection,
          flags: flags(fromSection),
          items: to === fromSection ? [...origin, label, target] : origin,
        },
        ...(to === null || to === fromSection
          ? []
          : isBss(to)
            ? [{ name: to, type: SHT.NOBITS, flags: flags(to), size: 64 }]
            : [{ name: to, flags: flags(to), items: [label, target] }]),
      ],
      ...(to !== null && isBss(to) ? { symbols: [{ name, in: { section: to }, size: 8 }] } : {}),
    },
    one.object ?? 'test.o',
  );
  const at = { object, section: sectionOf(object, fromSection), offset: (one.before?.length ?? 0) * 4 };
  const placed: PlacedTarget =
    to === null
      ? { kind: 'undefined', name, weak: one.isWeak ?? false, aliasOf: one.aliasOf ?? null }
      : {
          kind: 'place',
          place: { object, section: sectionOf(object, to), offset: to === fromSection ? 8 : 0 },
          symbol: name,
          alias: null,
        };
  const reference: Reference = {
    at,
    owner: at,
    access,
    target: placed,
    uses: () => one.uses ?? [],
    throughGot: one.throughGot ?? false,
    isPrefetch: one.isPrefetch ?? false,
    source: one.source ?? null,
    isData: false,
    veneer: null,
    relocations: [],
  };
  const generation = one.generation ?? generations.nvhe;
  return judge(reference, policyOf(generation, one.kernel, one.whole));
};

/** The policy for one generation, with the facts of a kernel. */
export const policyOf = (generation: Generation, kernel: KernelFacts = noFacts, whole = true): Policy => ({
  generation,
  map: new HypMap(generation, kernel),
  linkOf: (path) => kernel.linkOf?.(path) ?? null,
  ranges: [],
  whole,
});

/** The warning that a reference gives, 'fine', or 'unknown'. */
export const verdictOn = async (one: Case): Promise<string> => {
  const { verdict } = await judgementOn(one);
  return verdict.kind === 'broken' ? verdict.warning : verdict.kind;
};
