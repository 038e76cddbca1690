// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the DWARF layer says of the source: plain values, without anything of
// the debug information they came from.

/** A place in a source file. */
export interface SourcePosition {
  /** As the compiler prints it: relative to `directory` where it was given so. */
  readonly file: string;
  /** From 1; 0 where it is not known or the code is the compiler's own. */
  readonly line: number;
  /** From 1, in bytes; 0 where it is not known. */
  readonly column: number;
  /** DW_AT_comp_dir: where the compiler ran. */
  readonly directory: string | null;
}

/** A function, or a variable where that was asked for, and a place in it or its declaration. */
export interface SourceFrame extends SourcePosition {
  /** As the programmer named it (DW_AT_name); null where no function is known, as in assembly. */
  readonly function: string | null;
}

export interface Located {
  /** Innermost first; empty where nothing is known. */
  readonly frames: readonly SourceFrame[];
  /** One sentence where debug information is there but could not be read. */
  readonly problem: string | null;
}

/** A function as it was declared, whatever the compiler made of it. */
export interface Subprogram {
  readonly name: string | null;
  /** DW_AT_inline [DWARF5 3.3.8.1]: 0 neither, 1 inlined, 2 declared inline, 3 both; null where it was nowhere inlined. */
  readonly inline: number | null;
  /** Where the function is declared; its `function` is the name. null where the debug information does not say. */
  readonly declaration: SourceFrame | null;
}

/** One call that was inlined. */
export interface InlinedInstance {
  readonly callee: Subprogram;
  /** What it covers of the section that was asked for: bytes start .. end (exclusive). Empty where no instruction is left of it. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** Where it is entered, if that is told and lies in the section. */
  readonly entry: number | null;
  /** The place of the call in the function around it, the place of that one's call, and so on, innermost first. */
  readonly frames: readonly SourceFrame[];
}
