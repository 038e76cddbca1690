// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What --stats prints: how much there was, and what each phase took of time and
// of reading.

import type { CheckPhase, CheckResult } from '../check.js';
import type { Job } from './job.js';

/** Start: from the program's start until it knows what it is asked. */
type Phase = 'start' | 'read' | CheckPhase | 'print';

interface Taken {
  milliseconds: number;
  bytes: number;
}

/** A phase lasts until the next one begins; one that begins again goes on. */
export class Phases {
  readonly #taken = new Map<Phase, Taken>();
  readonly #clock: () => number;
  readonly #bytesRead: () => number;
  #current: Phase = 'start';
  #since = 0;
  #bytesSince = 0;

  /** `clock`: milliseconds since the program was started; `bytesRead`: of all files so far. */
  constructor(clock: () => number, bytesRead: () => number) {
    this.#clock = clock;
    this.#bytesRead = bytesRead;
  }

  readonly begin = (phase: Phase): void => {
    const now = this.#clock();
    const bytes = this.#bytesRead();
    const taken = this.#taken.get(this.#current) ?? { milliseconds: 0, bytes: 0 };
    taken.milliseconds += now - this.#since;
    taken.bytes += bytes - this.#bytesSince;
    this.#taken.set(this.#current, taken);
    this.#current = phase;
    this.#since = now;
    this.#bytesSince = bytes;
  };

  /** The phases so far, the current one included. */
  text(): string {
    this.begin(this.#current);
    return [...this.#taken]
      .map(([phase, { milliseconds, bytes }]) => {
        const read = bytes === 0 ? '' : ` (${Math.ceil(bytes / 1000)} kB)`;
        return `${phase} ${Math.round(milliseconds)} ms${read}`;
      })
      .join(', ');
  }
}

/** Two lines, without the program's name. */
export const statsLines = (
  { image }: Job,
  { counts }: CheckResult,
  messages: number,
  phases: Phases,
  clock: () => number,
): readonly string[] => [
  [
    `${image.objects.length} objects`,
    `${counts.references} references`,
    `${counts.leaving} leave hyp`,
    `${messages} messages`,
    `${Math.round(clock())} ms`,
  ].join(', '),
  phases.text(),
];
