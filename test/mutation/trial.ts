// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Runs the program on one mutant, and says what is wrong with the outcome.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Outcome, runMain } from '../support/run-main.js';
import { type Facts, factsOf, fateOf, type Known } from './facts.js';
import type { Mutant, Specimen } from './mutant.js';
import { wrongIn } from './wrong.js';

export interface Result {
  /** null if nothing is wrong. */
  readonly complaint: string | null;
  /** No message for a file whose undamaged form has findings. */
  readonly isSilenced: boolean;
  readonly status: number;
  readonly milliseconds: number;
}

interface Finding extends Known {
  /** What is compared: the names of both ends, which do not depend on debug information. */
  readonly key: string;
}

interface Findings {
  readonly found: readonly Finding[];
  /** What the program says it could not judge. */
  readonly words: ReadonlySet<string>;
}

interface Before extends Findings {
  readonly facts: Facts | null;
}

/** One end of a reference, as in the JSON output. */
interface End {
  readonly symbol: string | null;
  readonly section: string | null;
  readonly offset: number;
}

const endText = (end: End | null | undefined): string => `${end?.symbol ?? ''}@${end?.section ?? ''}`;

const findingsIn = ({ stdout }: Outcome): Findings => {
  const found: Finding[] = [];
  const words = new Set<string>();
  const list: unknown = JSON.parse(stdout);
  for (const one of Array.isArray(list) ? list : []) {
    const { option, message, hyp } = one;
    if (option === '-Whyp-unchecked' || option === '-Werror=hyp-unchecked') words.add(message);
    else if (hyp?.from?.section)
      found.push({
        key: `${endText(hyp.from)} > ${endText(hyp.to)}`,
        section: hyp.from.section,
        offset: hyp.from.offset,
        relocation: hyp.relocation,
        access: hyp.access,
      });
  }
  return { found, words };
};

export class Trial {
  readonly #folder: string;
  readonly #sources: ReadonlyMap<string, Uint8Array>;
  readonly #before = new Map<string, Before>();

  /** `sources`: files that exist for every mutant, by path in the folder. */
  constructor(folder: string, sources: ReadonlyMap<string, Uint8Array>) {
    this.#folder = folder;
    this.#sources = sources;
    for (const [path, bytes] of sources) this.#write(path, bytes);
  }

  #write(path: string, bytes: Uint8Array): void {
    const whole = join(this.#folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, bytes);
  }

  #restore(paths: Iterable<string>): void {
    for (const path of paths) {
      const before = this.#sources.get(path);
      if (before) this.#write(path, before);
      else rmSync(join(this.#folder, path), { force: true });
    }
  }

  /** Writes a mutant's files, and keeps them. */
  plant({ files }: Mutant): void {
    for (const [path, bytes] of files) this.#write(path, bytes);
  }

  run({ argv, environment }: Mutant): Promise<Outcome> {
    return runMain(argv, { directory: this.#folder, environment });
  }

  async #beforeOf({ judged, argv, environment }: Mutant, path: string, specimen: Specimen): Promise<Before> {
    const key = [specimen.name, ...argv].join(' ');
    const known = this.#before.get(key);
    if (known) return known;
    this.#write(judged?.path ?? path, specimen.bytes);
    const outcome = await runMain(argv, { directory: this.#folder, environment });
    const made = { ...findingsIn(outcome), facts: factsOf(specimen.bytes) };
    this.#before.set(key, made);
    return made;
  }

  /** The findings that are missing though they should not be; null if there are none. */
  #lost(mutant: Mutant, before: Before, after: Findings): string | null {
    const { judged, files, argv } = mutant;
    const words = [...after.words].filter((word) => !before.words.has(word));
    if (!judged || words.length > 0 || !before.facts) return null;
    const still = new Set(after.found.map(({ key }) => key));
    const gone = before.found.filter(({ key }) => !still.has(key));
    if (gone.length === 0) return null;
    const facts = factsOf(files.get(judged.path) ?? new Uint8Array(0));
    for (const one of gone) {
      const fate = fateOf(one, before.facts, facts, !argv.includes('--vhe=unknown'));
      if (fate !== 'changed') return `lost without a word (${fate}): ${one.key}`;
    }
    return null;
  }

  async judge(mutant: Mutant): Promise<Result> {
    const { judged, files, mayBeUsage } = mutant;
    const before = judged && (await this.#beforeOf(mutant, judged.path, judged.before));
    this.plant(mutant);
    const begun = process.cpuUsage();
    let status = -1;
    let complaint: string | null = null;
    let isSilenced = false;
    try {
      const outcome = await this.run(mutant);
      status = outcome.status;
      complaint = wrongIn(outcome, { mayBeUsage, mayBeSilent: isSilent(mutant) });
      if (before && complaint === null) {
        isSilenced = status === 0 && outcome.stdout.trim() === '[]' && before.found.length > 0;
        complaint = this.#lost(mutant, before, findingsIn(outcome));
      }
    } catch (error) {
      complaint = `thrown: ${error instanceof Error ? error.stack : error}`;
    }
    const { user, system } = process.cpuUsage(begun);
    this.#restore(files.keys());
    return { complaint, isSilenced, status, milliseconds: (user + system) / 1000 };
  }
}

/** Whether an option suppresses the messages: then status 3 comes without any. */
const isSilent = ({ argv, files }: Mutant): boolean => {
  const words = [
    ...argv,
    ...Buffer.from(files.get('words') ?? new Uint8Array(0))
      .toString()
      .split(/\s+/),
  ];
  return words.some((word) => word === '-w' || word === '-Wno-hyp-unchecked');
};
