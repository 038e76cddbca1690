// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a report goes: to a stream, into the file of -o, and what stands beside it
// into files of its own. Options come in any order and names are completed by a
// shell: the kernel's own files are never written, and all names are looked at
// before the first byte.

import { ExitStatus } from './exit-status.js';
import type { Files } from './files.js';
import { type Io, say } from './io.js';
import type { Options } from './options.js';
import type { Report } from './report.js';
import { errorText, isUsage } from './thrown.js';

interface Output {
  readonly path: string;
  readonly bytes: string | Uint8Array;
  /** A list that is brought up to date may be the one that was read. */
  readonly mayBeRead: boolean;
}

/** A status where something could not be written, which was then said. */
export const writeReport = (report: Report, options: Options, io: Io, files: Files): ExitStatus | null => {
  const { text, beside, patch, stream, reports, baseline } = report;
  const { output, writeBaseline } = options;
  const whole = patch.length > 0 ? Buffer.concat([Buffer.from(text), patch]) : text;
  const outputs: readonly Output[] = [
    ...(output === null ? [] : [{ path: output, bytes: whole, mayBeRead: false }]),
    ...reports.map((one) => ({ path: one.file, bytes: one.text, mayBeRead: false })),
    ...(writeBaseline === null ? [] : [{ path: writeBaseline, bytes: baseline, mayBeRead: true }]),
  ];
  const refuse = (path: string, sentence: string, status: ExitStatus): ExitStatus => {
    say(io, `hypcheck: error: cannot write '${path}': ${sentence}`);
    return status;
  };
  for (const [index, one] of outputs.entries()) {
    const isOwn = one.mayBeRead && options.baseline !== null && files.isSame(one.path, options.baseline);
    if (files.wasRead(one.path) && !isOwn)
      return refuse(one.path, 'it was read as an input', ExitStatus.usage);
    if (files.isPrecious(one.path)) return refuse(one.path, 'it is an object or a source', ExitStatus.usage);
    if (outputs.slice(0, index).some(({ path }) => files.isSame(path, one.path)))
      return refuse(one.path, 'it is named for two things', ExitStatus.usage);
  }
  if (beside !== '') io.stderr.write(beside);
  if (output === null) {
    if (text !== '') io[stream].write(text);
    if (patch.length > 0) io[stream].write(patch);
  }
  for (const { path, bytes } of outputs) {
    try {
      io.writeFile(path, bytes);
    } catch (error) {
      return refuse(path, errorText(error), isUsage(error) ? ExitStatus.usage : ExitStatus.unchecked);
    }
  }
  return null;
};
