// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where a report goes: to a stream, into the file of -o, and what stands beside it
// into files of its own. Options come in any order and names are completed by a
// shell: the kernel's own files are never written, and all names are looked at
// before the first byte.

import { ExitStatus } from './exit-status.js';
import type { Files } from './files.js';
import { type Io, type OutputStream, say } from './io.js';
import type { Options } from './options.js';
import type { Pieces, Report } from './report.js';
import { errorText, isUsage } from './thrown.js';

interface Output {
  readonly path: string;
  readonly make: () => Promise<string | Uint8Array>;
  /** A list that is brought up to date may be the one that was read. */
  readonly mayBeRead: boolean;
}

/** Characters that are written at once, or a little more. */
const CHUNK = 1 << 16;

function* chunksOf(pieces: Pieces): Iterable<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** A file's contents; of a long text, and of one with a patch, as bytes, which take the least memory. */
const wholeOf = (pieces: Pieces, patch: Uint8Array = new Uint8Array()): string | Uint8Array => {
  const chunks = Array.from(chunksOf(pieces), (chunk) => Buffer.from(chunk));
  return chunks.length < 2 && patch.length === 0 ? chunks.join('') : Buffer.concat([...chunks, patch]);
};

const writeTo = (stream: OutputStream, pieces: Pieces): void => {
  for (const chunk of chunksOf(pieces)) stream.write(chunk);
};

/** A status where something could not be written, which was then said. */
export const writeReport = async (
  report: Report,
  options: Options,
  io: Io,
  files: Files,
): Promise<ExitStatus | null> => {
  const { text, beside, patch, stream, reports, baseline } = report;
  const { output, writeBaseline } = options;
  const named = (path: string, make: Output['make'], mayBeRead = false): Output => ({
    path,
    make,
    mayBeRead,
  });
  const outputs: readonly Output[] = [
    ...(output === null ? [] : [named(output, async () => wholeOf(text, patch))]),
    ...reports.map(({ file, make }) => named(file, async () => wholeOf(await make()))),
    ...(writeBaseline === null ? [] : [named(writeBaseline, async () => baseline, true)]),
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
  writeTo(io.stderr, beside);
  if (output === null) {
    writeTo(io[stream], text);
    if (patch.length > 0) io[stream].write(patch);
  }
  for (const { path, make } of outputs) {
    const bytes = await make();
    try {
      io.writeFile(path, bytes);
    } catch (error) {
      return refuse(path, errorText(error), isUsage(error) ? ExitStatus.usage : ExitStatus.unchecked);
    }
  }
  return null;
};
