// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The one error for malformed input: which file, section and offset, and one
// sentence. Damage costs the damaged part and nothing else: the error is caught
// where lines are looked up (a bad unit costs the line), in check.ts (that object,
// or what flow says, is unchecked) and in cli (an input that cannot be read).

export class FormatError extends Error {
  readonly file: string;
  /** The section's name; null if the fault is outside all sections (the ELF header, an archive header). */
  readonly section: string | null;
  /** Bytes from the start of the section, or of the file if section is null. */
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

/** What the JavaScript engine throws for input that is nested without end, or claims more memory than there is. */
const exhausted: readonly (readonly [RegExp, string])[] = [
  [/call stack/, 'the input is nested too deeply'],
  [
    /allocation|array (buffer )?length|string (length|longer)|maximum size|out of range/i,
    'the input asks for more memory than there is',
  ],
];

/** A FormatError for an error that malformed input can cause, our own or the engine's; null for other errors. */
export const formatErrorOf = (error: unknown, file: string): FormatError | null => {
  if (error instanceof FormatError) return error;
  if (!(error instanceof RangeError || (error instanceof Error && 'code' in error))) return null;
  const sentence = exhausted.find(([pattern]) => pattern.test(error.message))?.[1];
  return sentence === undefined ? null : new FormatError(file, null, 0, sentence);
};

/** What `work` returns, or what `instead` makes of a FormatError. Other errors pass. `file`: the one being read. */
export const guard = <Value>(work: () => Value, instead: (error: FormatError) => Value, file = ''): Value => {
  try {
    return work();
  } catch (error) {
    const fault = formatErrorOf(error, file);
    if (fault) return instead(fault);
    throw error;
  }
};

/** Runs `work`; if it meets damage, that is kept as a fault and `instead` counts. */
export type Guarded = <Value>(work: () => Value, instead: () => Value) => Value;

/** `file`: the one being read, if the error does not say. */
export const guardInto =
  (faults: FormatError[], file?: string): Guarded =>
  (work, instead) =>
    guard(
      work,
      (fault) => {
        faults.push(fault);
        return instead();
      },
      file,
    );
