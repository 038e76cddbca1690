// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What instrumentation does to hyp code without a relocation: pushes to the shadow
// call stack, whose register holds a host pointer at EL2, and entries in the table
// by which the host's tracing patches calls into functions. The nVHE link's own
// table (.hyp__patchable_function_entries) is for hyp's own tracing and is ignored.

import { isHint, NOP } from '../aarch64/instructions.js';
import { codeMapOf } from '../code/code-map.js';
import type { CodeRange, Extent } from '../code/code-range.js';
import { functionsOf } from '../code/functions.js';
import { sectionsOf } from '../code/object-sections.js';
import { relocationsOf } from '../code/relocations.js';
import { isHypCode } from '../code/sections.js';
import type { ObjectFile, Section } from '../elf/object-file.js';
import type { Place } from '../link/place.js';
import type { InstrumentationRow } from './instrumentation.js';

type Described = Pick<InstrumentationRow, 'what' | 'option' | 'remedy'>;

const hypMakefile = 'arch/arm64/kvm/hyp/Makefile (up to v5.8) or arch/arm64/kvm/hyp/nvhe/Makefile';

/** Seen up to 7.1: no kernel has a shadow call stack for hyp code. */
export const shadowCallStack: Described = {
  what: 'the shadow call stack',
  option: 'CONFIG_SHADOW_CALL_STACK',
  remedy: `mark the function __noscs (__hyp_text does in v5.8), or filter $(CC_FLAGS_SCS) out in ${hypMakefile}`,
};

export const patchedEntry: Described = {
  what: 'function tracing',
  option: 'CONFIG_FUNCTION_TRACER (CONFIG_DYNAMIC_FTRACE_WITH_REGS, _WITH_ARGS)',
  remedy: `mark the function notrace (__hyp_text does), or filter $(CC_FLAGS_FTRACE) out in ${hypMakefile}`,
};

/** A hyp function, and what was done to it. */
export interface Instrumented {
  /** The first instruction that counts. */
  readonly at: Place;
  /** It counts if something in one of these runs (at .. end, exclusive) is executed. */
  readonly executed: readonly (Extent & { readonly place: Place })[];
  /** `push`: the return address goes to the shadow call stack; `entry`: a table of the host lists the function. */
  readonly kind: 'push' | 'entry';
  /** The table's section. */
  readonly table: string | null;
}

/** STR x30, [x18], #8 and LDR x30, [x18, #-8]! [clang "ShadowCallStack"] */
const PUSH = 0xf800865e;
const POP = 0xf85f8e5e;

/** One per function and kind. */
export const instrumentedIn = (object: ObjectFile, ranges: readonly CodeRange[]): readonly Instrumented[] => {
  const own = sectionsOf(object).hypCode.map((section) => ({ section, start: 0, end: section.size }));
  const parts = ranges.filter(({ code }) => code.object === object);
  const all = [
    ...own,
    ...parts.map(({ code, length }) => ({
      section: code.section,
      start: code.offset,
      end: code.offset + length,
    })),
  ];
  return [...all.flatMap((one) => pushesIn(object, one)), ...tracedIn(object)];
};

const pushesIn = (
  object: ObjectFile,
  { section, start, end }: Extent & { readonly section: Section },
): readonly Instrumented[] => {
  const code = codeMapOf(object, section);
  const byFunction = new Map<number, number[]>();
  const found = [PUSH, POP].flatMap((word) => [...code.offsetsOf(word, start, end)]);
  for (const at of found.sort((a, b) => a - b)) {
    if (!code.isCode(at)) continue;
    const home = functionsOf(object, section).extentAt(at).start;
    byFunction.set(home, [...(byFunction.get(home) ?? []), at]);
  }
  return [...byFunction.values()].flatMap((places): readonly Instrumented[] => {
    const [first] = places;
    if (first === undefined) return [];
    const place = (offset: number): Place => ({ object, section, offset });
    const executed = places.map((offset) => ({ place: place(offset), start: offset, end: offset + 4 }));
    return [{ at: place(first), executed, kind: 'push', table: null }];
  });
};

const tracedIn = (object: ObjectFile): readonly Instrumented[] => {
  const found = new Map<string, Instrumented>();
  for (const table of sectionsOf(object).traced) {
    for (const chunk of relocationsOf(object, table).chunks()) {
      for (let index = 0; index < chunk.count; index++) {
        const section = object.sections[object.symbols.section(chunk.symbol(index))];
        if (!section || !isHypCode(section)) continue;
        const entry = entryOf(
          object,
          section,
          object.symbols.value(chunk.symbol(index)) + chunk.addend(index),
        );
        if (entry === null) continue;
        const { start, end } = entry;
        found.set(`${section.index} ${start}`, {
          at: { object, section, offset: bodyOf(object, section, entry) },
          executed: [{ place: { object, section, offset: start }, start, end }],
          kind: 'entry',
          table: table.name,
        });
      }
    }
  }
  return [...found.values()];
};

/** Most NOPs that -fpatchable-function-entry=N,M puts before a function. */
const MAX_NOPS = 64;

/** After the instructions to be patched: in gcc's debug information the function begins there. */
const bodyOf = (object: ObjectFile, section: Section, { start, end }: Extent): number => {
  const code = codeMapOf(object, section);
  let at = start;
  while (at < end - 4 && isHint(code.word(at))) at += 4;
  return at;
};

/** The function of an entry; null if a call stands there, which is a reference of its own (_mcount). */
const entryOf = (object: ObjectFile, section: Section, offset: number): Extent | null => {
  const code = codeMapOf(object, section);
  if (relocationsOf(object, section).at(offset)) return null;
  const functions = functionsOf(object, section);
  for (let at = offset; at < offset + MAX_NOPS * 4; at += 4) {
    if (functions.isStart(at)) return functions.extentAt(at);
    if (code.word(at) !== NOP) break;
  }
  return functions.extentAt(offset);
};
