// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Names that are looked for in symbol tables, made ready once: a check of KVM alone
// looks for thirty in sixty objects.

/** FNV-1a of a string in a buffer, up to a NUL or the end. */
const hashOf = (bytes: Buffer, start: number): number => {
  let hash = 0x811c9dc5;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
};

/** Where WantedNames has a mark for names with some second and third byte. */
const beginOf = (second: number, third: number): number => (second & 63) | ((third & 63) << 6);

export class WantedNames {
  readonly #byHash = new Map<number, string[]>();
  /**
   * By the low six bits of the second and third byte, so that most names are skipped without a hash: in a kernel, first
   * bytes are much alike. Small, because each of thousands of objects may have one of its own.
   */
  readonly #begins = new Uint8Array(0x1000);

  constructor(names: Iterable<string>) {
    for (const name of names) {
      // It is that of symbols without one.
      if (name === '') continue;
      const bytes = Buffer.from(`${name}\0`, 'utf8');
      const [, second = 0, third] = bytes;
      if (third !== undefined) this.#begins[beginOf(second, third)] = 1;
      else for (let other = 0; other < 64; other++) this.#begins[beginOf(second, other)] = 1;
      const hash = hashOf(bytes, 0);
      const same = this.#byHash.get(hash);
      if (same) same.push(name);
      else this.#byHash.set(hash, [name]);
    }
  }

  get isEmpty(): boolean {
    return this.#byHash.size === 0;
  }

  /** Whether the name at an offset of a string table may be one of them; most are not. */
  mayBe(table: Buffer, start: number): boolean {
    return this.#begins[beginOf(table[start + 1] as number, table[start + 2] as number)] !== 0;
  }

  /** Those that the name there may be. */
  like(table: Buffer, start: number): readonly string[] {
    return this.#byHash.get(hashOf(table, start)) ?? none;
  }
}

const none: readonly string[] = [];
