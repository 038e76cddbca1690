// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How csdiff's csgrep reads a line of a build log, after what its reader of gcc's
// output documents and accepts, for machines that do not have it. What is `invalid`
// here, csgrep calls `invalid syntax`.

const location = String.raw`(?<file>[^ #:"][^:"]+)(?::(?<line>\d+))?(?::(?<column>\d+))?`;

const kinds = {
  /** Source lines and the marks below them; csgrep keeps them as comments. */
  sidebar: /^ *(\d* \| |\+{3} \|\+).*$/,
  marker: /^ *[ ~^|]+$/,
  /** `a.c:120:9: warning: text [-Whyp-call]`: a defect, or an event of the one before. */
  message: new RegExp(String.raw`^${location}: (?<event>[A-Za-z][\w-]+): (?<text>.*)$`),
  /** `a.c: In function 'f':` */
  scope: new RegExp(`^${location}: [A-Z].+:$`),
  included: new RegExp(`^(?:In file included| +) from ${location}[:,]$`),
} as const;

export interface LogLine {
  readonly kind: keyof typeof kinds | 'empty' | 'invalid';
  readonly file: string | null;
  readonly line: number;
  readonly event: string | null;
}

export const readLogLine = (text: string): LogLine => {
  if (text === '') return { kind: 'empty', file: null, line: 0, event: null };
  for (const kind of ['sidebar', 'marker', 'message', 'scope', 'included'] as const) {
    const match = kinds[kind].exec(text);
    if (!match) continue;
    const { file = null, line = '0', event = null } = match.groups ?? {};
    return { kind, file, line: Number(line), event };
  }
  return { kind: 'invalid', file: null, line: 0, event: null };
};
