// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The samples' annotations against what the program says: nothing missing,
// nothing extra, each at its line. test/samples/README.md has the grammar. The
// annotations were written from the rules and from readelf, objdump and
// addr2line, never from this program's output.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { sourceName } from '../lib/link/symbol-names.js';
import { runMain } from './support/run-main.js';

interface Annotation {
  readonly word: 'WARN' | 'VHE' | 'MAY' | 'EXPECT';
  /** One or two names. */
  readonly warnings: readonly string[];
  readonly target: string;
  readonly file: string;
  /** null: any line will do. */
  readonly line: number | null;
}

interface Sample {
  readonly object: string;
  readonly sources: readonly string[];
  readonly annotations: readonly Annotation[];
  readonly options: readonly string[];
}

const ANNOTATION = /\b(WARN|VHE|MAY|EXPECT) ([\w-]+(?:\|[\w-]+)?) '([^']+)'/g;

const annotationsOf = (file: string): readonly Annotation[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(ANNOTATION)].map((match) => {
        const word = match[1] as Annotation['word'];
        return {
          word,
          warnings: (match[2] ?? '').split('|'),
          target: match[3] ?? '',
          file,
          line: word === 'EXPECT' ? null : index + 1,
        };
      }),
    );

const optionsOf = (sources: readonly string[], object: string): readonly string[] => {
  for (const source of sources) {
    const options = /\bOPTIONS ([^*\n]*)/.exec(readFileSync(source, 'utf8'))?.[1];
    if (options !== undefined) return options.trim().split(/\s+/);
  }
  return /\/(nvhe|module)\//.test(object) ? [] : ['--whole'];
};

const samples: readonly Sample[] = execFileSync('sh', ['test/samples/build.sh', '--list'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .map((row) => {
    const [object = '', ...rest] = row.split('\t');
    const sources = rest.flatMap((words) => words.split(/\s+/)).filter((word) => /\.[cS]$/.test(word));
    return {
      object,
      sources,
      annotations: sources.flatMap(annotationsOf),
      options: optionsOf(sources, object),
    };
  });

interface Message {
  readonly warning: string;
  readonly target: string;
  readonly file: string | null;
  readonly line: number | null;
  /** The inline chain, as a text to compare. */
  readonly chain: string;
}

const messagesOf = async (arguments_: readonly string[]): Promise<readonly Message[]> => {
  const { stdout } = await runMain([...arguments_, '-fdiagnostics-format=json']);
  const list: unknown = JSON.parse(stdout);
  if (!Array.isArray(list)) throw new Error('the output is no array');
  return list.map((one) => {
    const caret = one.locations[0]?.caret;
    const to = one.hyp?.to;
    return {
      warning: String(one.option).replace(/^-W(error=)?/, ''),
      target: to?.symbol ? sourceName(to.symbol) : (to?.section ?? ''),
      file: caret?.file ?? null,
      line: caret?.line ?? null,
      chain: JSON.stringify(one.hyp?.inlined ?? []),
    };
  });
};

const fits = (annotation: Annotation, message: Message, hasLines: boolean): boolean =>
  annotation.warnings.includes(message.warning) &&
  (annotation.target === '*' || annotation.target === message.target) &&
  (annotation.line === null ||
    !hasLines ||
    (annotation.line === message.line && annotation.file === message.file));

const show = ({ warning, target, file, line }: Message): string => `${file}:${line}: ${warning} '${target}'`;

/**
 * The differences from the annotations, one sentence each. A helper that was inlined in several places has one
 * annotation and a finding for each inline chain.
 */
const compare = (
  annotations: readonly Annotation[],
  messages: readonly Message[],
  hasLines: boolean,
): readonly string[] => {
  const open = [...messages];
  const faults: string[] = [];
  const chains = new Map<Annotation, Set<string>>();
  for (const annotation of annotations.filter(({ word }) => word !== 'MAY')) {
    const index = open.findIndex((message) => fits(annotation, message, hasLines));
    const [message] = index < 0 ? [] : open.splice(index, 1);
    if (message) chains.set(annotation, new Set([message.chain]));
    else
      faults.push(
        `missing: ${annotation.file}:${annotation.line}: ${annotation.warnings} '${annotation.target}'`,
      );
  }
  for (const message of open) {
    const isAllowed = annotations.some((annotation) => {
      if (!fits(annotation, message, hasLines)) return false;
      if (annotation.word === 'MAY') return true;
      const seen = chains.get(annotation);
      const isOther = seen !== undefined && !seen.has(message.chain);
      if (isOther) seen.add(message.chain);
      return isOther;
    });
    if (!isAllowed) faults.push(`unexpected: ${show(message)}`);
  }
  return faults;
};

for (const { object, annotations, options } of samples) {
  // test/inline compares these with test/samples/inline/truth.txt.
  if (object.includes('/inline/')) continue;
  const hasLines = !object.includes('.nodebug.');
  if (!object.includes('/flow/')) {
    t.test(`${object}: the findings are those annotated`, async (t) => {
      t.same(compare(annotations, await messagesOf([...options, object]), hasLines), []);
    });
    continue;
  }
  t.test(`${object} without VHE: the findings are those annotated`, async (t) => {
    const live = annotations.filter(({ word }) => word !== 'VHE');
    t.same(compare(live, await messagesOf([...options, '--vhe-cap=11', object]), hasLines), []);
  });
  t.test(`${object} with --vhe=unknown: the findings are those annotated`, async (t) => {
    t.same(compare(annotations, await messagesOf([...options, '--vhe=unknown', object]), hasLines), []);
  });
}
