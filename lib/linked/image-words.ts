// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The contents of an image by address, a page at a time: what stands behind a
// branch, what a slot holds.

import { mappingKind } from '../code/mapping-symbols.js';
import { firstWhere } from '../elf/bisect.js';
import type { ObjectFile } from '../elf/object-file.js';
import { SHT, STT } from '../elf/vocabulary.js';
import type { DynamicSlots } from './dynamic-slots.js';
import type { Distance, Layout } from './layout.js';
import type { ImageWords } from './stubs.js';

/** Bytes. */
const PAGE = 4096;

interface Page {
  readonly start: Distance;
  readonly view: DataView;
}

/** `object`: with the layout's sections, its contents as they are linked. */
export const wordsOfImage = (object: ObjectFile, layout: Layout, slots: DynamicSlots): ImageWords => {
  const pages = new Map<string, DataView>();
  let near: Page = { start: 0, view: new DataView(new ArrayBuffer(0)) };
  const pageAt = (at: Distance): Page | null => {
    const whole = layout.wholeOf(at);
    if (!whole || whole.type === SHT.NOBITS) return null;
    const first = layout.startOf(whole);
    const page = Math.floor((at - first) / PAGE);
    const key = `${whole.index} ${page}`;
    let view = pages.get(key);
    if (!view) {
      const bytes = object.read(whole, page * PAGE, Math.min(PAGE, whole.size - page * PAGE));
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      pages.set(key, view);
    }
    return { start: first + page * PAGE, view };
  };
  const word = (at: Distance): number => {
    if (at < near.start || at >= near.start + near.view.byteLength) {
      const page = pageAt(at);
      if (!page) return 0;
      near = page;
    }
    const place = at - near.start;
    return place >= 0 && place + 4 <= near.view.byteLength ? near.view.getUint32(place, true) : 0;
  };
  return {
    word,
    pageOffset: Number(layout.base & 0xfffn),
    quad: (at) => word(at) + (word(at + 4) | 0) * 2 ** 32,
    address: (at) => {
      const [low, high] = [word(at), word(at + 4)];
      const value = low === 0 && high === 0 ? slots.valueAt(at) : layout.distanceOfWords(low, high);
      return value !== null && layout.wholeOf(value) ? value : null;
    },
    names: (at) => {
      const spot = layout.spotOf(at);
      if (!spot) return [];
      const { symbols } = object;
      const there = symbols.inSection(spot.section.index);
      const names: string[] = [];
      let index = firstWhere(there.length, (one) => symbols.value(there[one] ?? 0) >= spot.offset);
      for (let symbol = there[index]; symbol !== undefined; symbol = there[++index]) {
        if (symbols.value(symbol) !== spot.offset) break;
        const name = symbols.name(symbol);
        if (name !== '' && symbols.type(symbol) !== STT.SECTION && mappingKind(name) === null)
          names.push(name);
      }
      return names;
    },
  };
};
