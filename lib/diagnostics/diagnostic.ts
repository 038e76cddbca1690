// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What a finding is before it is printed: one value that every output form reads.
// Messages mark quoted names with ‘ and ’ (quote below); the forms turn them into '
// if typographic quotes are not wanted.

import type { WarningName } from '../policy/warnings.js';
import type { Access } from '../references/reference.js';

export { type WarningName, warningNames } from '../policy/warnings.js';
export type { Access };

/** 'note': what --references lists; it has no warning. */
export type Severity = 'warning' | 'error' | 'note';

/** A place in a source file; line and column count from 1, the column in bytes; 0 if it is not known. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place in an object: bytes from the start of the section. */
export interface ObjectPlace {
  readonly object: string;
  readonly section: string;
  readonly offset: number;
}

/** A function of an inline chain and the place in it; the innermost frame's place is that of the finding. */
export interface InlineFrame extends SourcePlace {
  readonly function: string;
}

export interface Note {
  readonly message: string;
  /** Where to look: a source line, a place in an object, or nowhere. */
  readonly place: SourcePlace | ObjectPlace | null;
  /** A step of the way to the finding: said once for all findings that it leads to. */
  readonly isStep?: true;
  /** What to do. */
  readonly isAdvice?: true;
  /** Of a branch that machines without VHE take: what decides, in a few words. */
  readonly decides?: string;
}

/** One call of the way to a finding. */
export interface Caller extends ObjectPlace {
  /** `address`: the function there does not call; it hands the next one to somebody who does. */
  readonly kind: 'call' | 'address';
  /** As the programmer wrote it. */
  readonly function: string;
  readonly place: SourcePlace | null;
}

/** Replace start .. next (end-exclusive, byte columns) by text. */
export interface FixIt {
  readonly file: string;
  readonly start: { readonly line: number; readonly column: number };
  readonly next: { readonly line: number; readonly column: number };
  readonly text: string;
}

/** One end of a reference in machine-readable output: the raw symbol name; `section` null if it is undefined. */
export interface ReferenceEnd {
  readonly symbol: string | null;
  readonly section: string | null;
  /** Bytes from the start of the section. */
  readonly offset: number | null;
  /** Bytes from the start of the symbol: the modpost form's `FROM+0xOFF`. Not in the JSON. */
  readonly symbolOffset: number | null;
}

export type Reach = 'live' | 'vhe-only' | 'dead' | 'unknown';

/** The `hyp` key of the JSON form. */
export interface HypFacts {
  readonly object: string;
  readonly from: ReferenceEnd | null;
  readonly to: ReferenceEnd | null;
  /** The ABI's name without R_AARCH64_; null in finished images and if there is none. */
  readonly relocation: string | null;
  readonly access: Access | null;
  readonly reach: Reach;
  /** Innermost first; empty if nothing was inlined or nothing is known. */
  readonly inlined: readonly InlineFrame[];
  /** Who calls the function, and who that one, up to an entry of EL2; empty where it is an entry, or where that is not known. */
  readonly callers: readonly Caller[];
  /** Every relocation that belongs to this reference. */
  readonly relocations: readonly {
    readonly section: string;
    readonly offset: number;
    readonly type: string;
  }[];
}

export interface Diagnostic {
  /** null for the notes of --references. */
  readonly warning: WarningName | null;
  readonly severity: Severity;
  /** One sentence without a full stop, complete by itself and the same in every build. */
  readonly message: string;
  readonly place: SourcePlace | null;
  /** The function that the head line names: the innermost one; null at file scope. */
  readonly function: string | null;
  /** The functions it was inlined into, innermost first, each with the place of the inlined call. */
  readonly inlinedFrom: readonly InlineFrame[];
  /** The object that a message without a source place begins with. */
  readonly object: string;
  readonly notes: readonly Note[];
  readonly fixits: readonly FixIt[];
  /** null if there is no reference behind it (a file that could not be read). */
  readonly hyp: HypFacts | null;
}

/** Marks a name in a sentence. */
export const quote = (name: string): string => `‘${name}’`;

export const isSourcePlace = (place: SourcePlace | ObjectPlace): place is SourcePlace => 'line' in place;

/** By code units: the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of the output: file, line, column, warning, message; messages without a line come last. */
export const compareDiagnostics = (a: Diagnostic, b: Diagnostic): number =>
  Number(a.place === null) - Number(b.place === null) ||
  compareText(a.place?.file ?? a.object, b.place?.file ?? b.object) ||
  (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
  (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
  compareText(a.warning ?? '', b.warning ?? '') ||
  compareText(a.message, b.message) ||
  compareText(JSON.stringify(a.inlinedFrom), JSON.stringify(b.inlinedFrom)) ||
  (a.hyp?.from?.offset ?? 0) - (b.hyp?.from?.offset ?? 0);
