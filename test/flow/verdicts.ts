// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The program's verdicts on an object's references, and what of them the oracle
// contradicts.

import { runMain } from '../support/run-main.js';
import { confirm } from './oracle/confirm.js';
import { placeKey } from './oracle/link.js';
import { didExecute, didRead, didUse, pathTo, type Walk, walkWithoutVhe } from './oracle.js';

export interface Verdict {
  readonly reach: string;
  readonly access: string;
  readonly symbol: string;
  readonly from: { readonly section: string; readonly offset: number };
  /** Where its relocations stand; none for an address that comes out of a literal. */
  readonly relocations: readonly {
    readonly section: string;
    readonly offset: number;
    readonly type: string;
  }[];
  readonly target: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly option: string | null;
}

const ARGUMENTS = ['--whole', '--references', '-fdiagnostics-format=json'];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

const verdictOf = (one: unknown): Verdict | null => {
  const { hyp, locations, option } = record(one);
  if (!isRecord(hyp)) return null;
  const from = record(hyp.from);
  const caret = record(record(list(locations)[0]).caret);
  return {
    reach: text(hyp.reach),
    access: text(hyp.access),
    symbol: text(from.symbol),
    from: { section: text(from.section), offset: number(from.offset) },
    relocations: list(hyp.relocations).map((each) => {
      const { section, offset, type } = record(each);
      return { section: text(section), offset: number(offset), type: text(type) };
    }),
    target: text(record(hyp.to).symbol),
    file: typeof caret.file === 'string' ? caret.file : null,
    line: typeof caret.line === 'number' ? caret.line : null,
    option: typeof option === 'string' ? option : null,
  };
};

/** All references of an object, judged on a machine without VHE. Throws where the program does not give a list. */
export const verdictsOn = async (path: string, vheCapability: number): Promise<readonly Verdict[]> => {
  const { status, stdout, stderr } = await runMain([...ARGUMENTS, `--vhe-cap=${vheCapability}`, path]);
  if (![0, 1, 3].includes(status)) throw new Error(`status ${status}: ${stderr}`);
  const answer: unknown = JSON.parse(stdout);
  return list(answer).flatMap((one) => verdictOf(one) ?? []);
};

const placesOf = (walk: Walk, { section, offset }: Verdict['from']): string[] => {
  const [home, ...others] = walk.link.sectionsNamed(section);
  return home && others.length === 0 ? [placeKey({ section: home.index, offset })] : [];
};

/** What happened at an instruction of hyp code, in its own place or as replacement code of hyp code. */
const happenedAt = (walk: Walk, name: (position: string) => string, at: Verdict['from']): string | null => {
  const { link, happened } = walk;
  for (const place of placesOf(walk, at)) {
    const isHyp = link.isHypCode(Number(place.split(':')[0]));
    const copies = link.alternatives.filter(({ original }) => link.isHypCode(original.section));
    const names = [...(isHyp ? [place] : []), ...copies.map(({ index }) => `${place}@${index}`)].map(name);
    const found = names.find((one) => happened.has(one));
    if (found !== undefined) return found;
  }
  return null;
};

/** ADRP alone makes no reference. */
const isHalf = ({ type }: { readonly type: string }): boolean => /^ADR_.*PAGE|_PG_HI21/.test(type);

/**
 * What the oracle did that makes the reference, or null. ADRP alone makes none, and an address counts when it is
 * used.
 */
export const reachedBy = (walk: Walk, verdict: Verdict): string | null => {
  if (verdict.access === 'absolute') {
    const [slot] = placesOf(walk, verdict.from);
    const read = didRead(slot ?? '');
    // An address that is loaded from a variable harms whoever uses it.
    const name = verdict.relocations.length === 0 ? didUse : didExecute;
    return happenedAt(walk, name, verdict.from) ?? (walk.happened.has(read) ? read : null);
  }
  const name = verdict.access === 'address' ? didUse : didExecute;
  for (const relocation of verdict.relocations) {
    const what = isHalf(relocation) ? null : happenedAt(walk, name, relocation);
    if (what !== null) return what;
  }
  return null;
};

/** The program says that this is never executed without VHE. */
export const isExcused = ({ reach }: Verdict): boolean => reach === 'vhe-only' || reach === 'dead';

/** The number of the VHE capability in the samples. */
export const VHE = 11;

/** A reference that is excused though the oracle got there, and how. */
export interface Contradiction {
  readonly verdict: Verdict;
  readonly path: readonly string[];
}

/**
 * The verdicts that the oracle contradicts. Replacement code that several rows share has a verdict for each row; it is
 * enough that one of these is not excused.
 */
export const contradictions = (walk: Walk, verdicts: readonly Verdict[]): readonly Contradiction[] => {
  const name = ({ access, relocations }: Verdict): string =>
    `${access} ${relocations.map(({ section, offset }) => `${section}+${offset}`).join()}`;
  const admitted = new Set(verdicts.filter((one) => !isExcused(one) && one.relocations.length > 0).map(name));
  return verdicts.filter(isExcused).flatMap((verdict) => {
    const what = admitted.has(name(verdict)) ? null : reachedBy(walk, verdict);
    const state = what === null ? null : confirm(walk, what);
    return state ? [{ verdict, path: pathTo(walk, state) }] : [];
  });
};

/** Whether nothing of the host enters an object's hyp code: then all its global symbols count as entries. */
export const isWithoutHost = async (bytes: Uint8Array): Promise<boolean> => {
  const { happened, link } = await walkWithoutVhe(bytes, { vheCapability: VHE, areGlobalsRoots: false });
  return ![...happened.values()].some(({ position }) => link.isHypCode(position.place.section));
};
