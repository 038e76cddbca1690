// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The one error that malformed input raises: which file, which section, at
// which offset, and one sentence. It is caught in two places only, where lines
// are looked up (a bad unit costs the line) and in cli (that object is
// unchecked).

export class FormatError extends Error {
  readonly file: string;
  /** The section's name, or null where the fault is outside every section (the ELF header, an archive header). */
  readonly section: string | null;
  /** Bytes from the start of the section, or of the file where section is null. */
  readonly offset: number;
  readonly sentence: string;

  constructor(file: string, section: string | null, offset: number, sentence: string) {
    super(`${file}${section === null ? '' : `(${section})`}+0x${offset.toString(16)}: ${sentence}`);
    this.file = file;
    this.section = section;
    this.offset = offset;
    this.sentence = sentence;
  }
}
