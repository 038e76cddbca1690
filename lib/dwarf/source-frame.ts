// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the DWARF layer says about the source: plain values, independent of the
// debug information that they came from.

/** A place in a source file. */
export interface SourcePosition {
  /** As the compiler prints it: relative to `directory` if it was given so. */
  readonly file: string;
  /** From 1; 0 if it is not known, or if the compiler added the code. */
  readonly line: number;
  /** From 1, in bytes; 0 if it is not known. */
  readonly column: number;
  /** DW_AT_comp_dir: where the compiler ran. */
  readonly directory: string | null;
}

/** A function (or, if asked for, a variable), and a place in it or its declaration. */
export interface SourceFrame extends SourcePosition {
  /** DW_AT_name; null if no function is known, as in assembly. */
  readonly function: string | null;
}

export interface Located {
  /** Innermost first; empty if nothing is known. */
  readonly frames: readonly SourceFrame[];
  /** One sentence, if debug information is there but cannot be read. */
  readonly problem: string | null;
}

/** A function as it was declared, whatever the compiler made of it. */
export interface Subprogram {
  readonly name: string | null;
  /** DW_AT_inline [DWARF5 3.3.8.1]: 0 neither, 1 inlined, 2 declared inline, 3 both; null if it was inlined nowhere. */
  readonly inline: number | null;
  /** Where the function is declared; its `function` is the name. null if the debug information does not say. */
  readonly declaration: SourceFrame | null;
}

/** One call that was inlined. */
export interface InlinedInstance {
  readonly callee: Subprogram;
  /** Bytes start .. end (exclusive) of the section that was asked for. Empty if no instruction of it is left. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** Where it is entered, if that is known and lies in the section. */
  readonly entry: number | null;
  /** The place of the call in the function around it, then the place of that function's call, and so on. */
  readonly frames: readonly SourceFrame[];
}
