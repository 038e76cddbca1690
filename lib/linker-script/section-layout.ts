// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a linker script puts input sections, and where the names stand that it
// defines: by the number of the statement, since statements are in the order of
// addresses. The first statement that a section matches takes it, as in ld.

import { beginningOf, matchesGlob } from './glob.js';
import type { LinkerScript, Statement } from './linker-script.js';

/** Before every statement: what the link drops. */
const NOWHERE = -1;

interface Place {
  /** The number of the statement, or NOWHERE. */
  readonly at: number;
  readonly order: number;
  readonly isLimited: boolean;
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A name that stands for another one is met, and one for that; a circle would be a damaged script. */
const MOST_HOPS = 8;

export class SectionLayout {
  readonly #script: LinkerScript;
  /** By whole names, and by patterns, each in the script's order. */
  readonly #named = new Map<string, Place[]>();
  readonly #patterns: (readonly [pattern: string, beginning: string, place: Place])[] = [];
  readonly #values = new Map<string, { readonly at: number; readonly value: string }>();
  readonly #outputs = new Map<string, Extent>();

  constructor(script: LinkerScript) {
    this.#script = script;
    for (const [at, statement] of script.statements.entries()) this.#add(at, statement);
  }

  #add(at: number, statement: Statement): void {
    switch (statement.kind) {
      case 'input':
        this.#open(statement.output, at);
        for (const { section, isLimited } of statement.patterns) {
          const place = { at: this.#isDropped(statement.output) ? NOWHERE : at, order: at, isLimited };
          const beginning = beginningOf(section);
          if (beginning !== section) this.#patterns.push([section, beginning, place]);
          else {
            const known = this.#named.get(section);
            if (known) known.push(place);
            else this.#named.set(section, [place]);
          }
        }
        break;
      case 'assign':
        this.#values.set(statement.name, { at, value: statement.value });
        break;
      case 'end':
        this.#open(statement.output, at);
        break;
      default:
        statement satisfies never;
    }
  }

  #isDropped(output: number): boolean {
    return this.#script.outputs[output] === '/DISCARD/';
  }

  /** What is written of an output section goes on to here. */
  #open(output: number, at: number): void {
    if (this.#isDropped(output)) return;
    const name = this.#script.outputs[output] ?? '';
    this.#outputs.set(name, { start: this.#outputs.get(name)?.start ?? at, end: at + 1 });
  }

  /**
   * Where input sections of a name are put. Several places where it depends on the file; none where the script does not
   * say.
   */
  placesOf(section: string): readonly number[] {
    const places = [
      ...(this.#named.get(section) ?? []),
      ...this.#patterns
        .filter(([pattern, beginning]) => section.startsWith(beginning) && matchesGlob(pattern, section))
        .map(([, , place]) => place),
    ].sort((a, b) => a.order - b.order);
    const first = places.findIndex(({ isLimited }) => !isLimited);
    const possible = first < 0 ? places : places.slice(0, first + 1);
    // What no statement takes is put behind the rest of an output section of its name, if there is one.
    const output = first < 0 ? this.#outputs.get(section) : undefined;
    return [...possible.map(({ at }) => at), ...(output ? [output.end - 1] : [])];
  }

  /** Where a name stands; null where it is a number, or defined nowhere in the script. */
  symbol(name: string): number | null {
    let wanted = name;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const found = this.#values.get(wanted);
      if (!found) return this.#ofOutput(wanted);
      const { at, value } = found;
      if (/^(?:ABSOLUTE\s*\(\s*)?\.[\s)]*$/.test(value)) return at;
      const [, address] = /^ADDR\s*\(\s*([^\s)]+)\s*\)$/.exec(value) ?? [];
      if (address !== undefined) return this.section(address)?.start ?? null;
      if (!/^[A-Za-z_$][\w.$]*$/.test(value)) return null;
      wanted = value;
    }
    return null;
  }

  /** `__start_NAME`, `__stop_NAME`: linkers define them around an output section with a name that C could have. */
  #ofOutput(name: string): number | null {
    const [, edge, output = ''] = /^__(start|stop)_(\w+)$/.exec(name) ?? [];
    const extent = edge === undefined ? null : this.section(output);
    return extent && (edge === 'start' ? extent.start : extent.end);
  }

  /** All of an output section. */
  section(name: string): Extent | null {
    return this.#outputs.get(name) ?? null;
  }
}
