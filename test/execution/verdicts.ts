// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hypcheck says of each reference to the host, and where an execution
// contradicts it. hypcheck is used from outside, by its JSON.

import { runMain } from '../support/run-main.js';
import type { Execution } from './execution.js';

/** One reference, as `--references` prints it. */
export interface Verdict {
  readonly target: string;
  readonly section: string;
  readonly offset: number;
  readonly reach: string;
}

/** Something that was executed although hypcheck excused it. */
export interface Contradiction {
  readonly target: string;
  /** Of the executed `bl` in .hyp.text, if it is known. */
  readonly offset: number | null;
  /** 'vhe-only', 'dead', or 'left out'. */
  readonly said: string;
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

const verdictOf = (diagnostic: unknown): readonly Verdict[] => {
  if (!isRecord(diagnostic) || !isRecord(diagnostic.hyp)) return [];
  const { from, to, reach } = diagnostic.hyp;
  if (!isRecord(from) || !isRecord(to)) return [];
  if (typeof to.symbol !== 'string' || typeof from.section !== 'string' || typeof from.offset !== 'number')
    return [];
  return [{ target: to.symbol, section: from.section, offset: from.offset, reach: String(reach) }];
};

export const verdictsOn = async (whole: string): Promise<readonly Verdict[]> => {
  const { status, stdout, stderr } = await runMain([
    ...['--whole', '--vhe-cap=11', '--references', '-fdiagnostics-format=json', whole],
  ]);
  if ((status !== 0 && status !== 3) || stdout === '')
    throw new Error(`${whole}: status ${status}\n${stderr}`);
  const parsed: unknown = JSON.parse(stdout);
  if (!Array.isArray(parsed)) throw new Error(`${whole}: not an array`);
  return parsed.flatMap(verdictOf);
};

/** Reaches that excuse a reference; every other one is reported or called unknown. */
const EXCUSES: ReadonlySet<string> = new Set(['vhe-only', 'dead']);
export const isExcused = ({ reach }: Verdict): boolean => EXCUSES.has(reach);

export const contradictions = (
  verdicts: readonly Verdict[],
  { reached, calls }: Execution,
): readonly Contradiction[] => {
  const byTarget = new Map<string, Verdict[]>();
  for (const verdict of verdicts)
    byTarget.set(verdict.target, [...(byTarget.get(verdict.target) ?? []), verdict]);
  const found: Contradiction[] = [];
  const judge = (target: string, offset: number | null, of: readonly Verdict[]) => {
    if (of.some((verdict) => !isExcused(verdict))) return;
    found.push({ target, offset, said: of[0]?.reach ?? 'left out' });
  };
  for (const { sink, offset } of calls) {
    const at = byTarget.get(sink)?.filter((v) => v.section === '.hyp.text' && v.offset === offset);
    judge(sink, offset, at ?? []);
  }
  for (const target of reached)
    if (!found.some((other) => other.target === target)) judge(target, null, byTarget.get(target) ?? []);
  return found;
};
