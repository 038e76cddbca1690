// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the kernel has made of an instruction by the time hyp code runs: static
// keys and alternatives, on a machine without VHE. An unknown capability or key is
// a choice, which the caller has to make both ways.
//
// Odd: rows that no kernel could apply (lengths that differ, two keys at one
// place that want different things) end the path where they would apply: they
// stop the kernel, or leave it to the order in which it patches.

import { type AlternativeRow, type JumpRow, type Link, placeKey } from './link.js';
import type { State } from './state.js';
import type { Place } from './value.js';

export type Patch =
  /** As it was assembled. */
  | { readonly kind: 'none' }
  | { readonly kind: 'choose'; readonly choice: string }
  | { readonly kind: 'replaced'; readonly row: AlternativeRow }
  /** A function wrote the instruction. */
  | { readonly kind: 'written' }
  /** A static key's site: a branch, or (null) a nop. */
  | { readonly kind: 'key'; readonly to: Place | null }
  | { readonly kind: 'stop'; readonly why: string };

const [NOP, B] = [0xd503201f, 0x14000000];
/** Kernels with callbacks of the new kind: bit 15 of the feature, the rest its number. */
const CALLBACK_BIT = 0x8000;

const stop = (why: string): Patch => ({ kind: 'stop', why });

export class PatchSites {
  readonly #link: Link;
  readonly #vheCapability: number;
  readonly #rows = new Map<string, readonly AlternativeRow[]>();

  constructor(link: Link, vheCapability: number) {
    this.#link = link;
    this.#vheCapability = vheCapability;
  }

  /** The instruction at the machine's position. */
  at(state: State, word: number): Patch {
    const { place, row } = state.position;
    const sites = this.#link.jumps.get(placeKey(place)) ?? [];
    if (row) return sites.length > 0 ? stop('a key in a replacement') : { kind: 'none' };
    const rows = this.#rowsAt(place).filter((one) => this.#isOpen(one));
    for (const one of rows) {
      const choice = this.#choiceOf(one);
      if (choice && !state.choices.has(choice)) return { kind: 'choose', choice };
    }
    const applied = rows.filter((one) => {
      const choice = this.#choiceOf(one);
      return choice === null || state.choices.get(choice) === true;
    });
    const winner = applied.at(-1);
    if (winner && sites.length > 0) return stop('a key that is replaced');
    if (winner) return this.#replacement(winner);
    return sites.length > 0 ? this.#key(state, word, sites) : { kind: 'none' };
  }

  #rowsAt(place: Place): readonly AlternativeRow[] {
    const key = placeKey(place);
    const known = this.#rows.get(key);
    if (known) return known;
    const rows = this.#link.alternatives.filter(({ original, originalLength }) => {
      const inside = place.offset - original.offset;
      return original.section === place.section && inside >= 0 && inside < originalLength;
    });
    this.#rows.set(key, rows);
    return rows;
  }

  /** Kernels with callbacks of the old kind: their feature is the number of capabilities, and they always run. */
  #isAlways({ feature, replacementLength }: AlternativeRow): boolean {
    return replacementLength === 0 && feature === this.#link.capabilityCount;
  }

  /** Whether a row may apply at all. */
  #isOpen(row: AlternativeRow): boolean {
    return (row.feature & ~CALLBACK_BIT) !== this.#vheCapability;
  }

  #choiceOf(row: AlternativeRow): string | null {
    return this.#isAlways(row) ? null : `cap ${row.feature & ~CALLBACK_BIT}`;
  }

  #replacement(row: AlternativeRow): Patch {
    const isNew = (row.feature & CALLBACK_BIT) !== 0;
    if (row.replacementLength === 0 && (isNew || this.#isAlways(row))) return { kind: 'written' };
    const isCopied = row.replacementLength === row.originalLength && !isNew;
    return isCopied ? { kind: 'replaced', row } : stop('a row that stops the kernel');
  }

  #key(state: State, word: number, rows: readonly JumpRow[]): Patch {
    const isSite = word === NOP || (word & 0xfc000000) >>> 0 === B;
    if (!isSite) return stop('a key where there is neither nop nor branch');
    const outcomes = new Map<string, Place | null>();
    for (const row of rows) {
      const enabled = this.#isEnabled(row, state);
      if (typeof enabled === 'string') return { kind: 'choose', choice: enabled };
      const to = enabled === row.bit0 ? null : row.target;
      outcomes.set(to ? placeKey(to) : '', to);
    }
    const [to] = outcomes.values();
    return outcomes.size === 1 ? { kind: 'key', to: to ?? null } : stop('rows that contradict each other');
  }

  /** Whether a key is on; or the name of the choice that has to be made first. */
  #isEnabled({ key }: JumpRow, state: State): boolean | string {
    const { name = '', offset = 0 } = this.#link.variableAt(key) ?? {};
    if (name === 'arm64_const_caps_ready' && offset === 0) return true;
    const capability = offset / this.#link.keySize;
    const isCapability = name === 'cpu_hwcap_keys' && Number.isInteger(capability);
    if (isCapability && capability === this.#vheCapability) return false;
    const choice = isCapability ? `cap ${capability}` : `key ${placeKey(key)}`;
    return state.choices.get(choice) ?? choice;
  }
}
