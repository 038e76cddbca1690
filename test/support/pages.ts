// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// HTML reports for the tests: many findings, and names that contain markup.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Diagnostic, quote } from '../../lib/diagnostics/diagnostic.js';
import { fingerprinter } from '../../lib/formats/fingerprints.js';
import { type PageFacts, page } from '../../lib/formats/html/page.js';
import { context, diagnostic } from '../formats/recordings.js';

export const nothing: PageFacts = {
  release: null,
  generations: [],
  mode: '',
  references: 0,
  dependencies: [],
  leftOut: [],
  hasHelpers: false,
  suppressed: 0,
  known: 0,
};

/** The path of a file with the page, which exists until the test ends. */
export const writtenPage = (t: Test, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'page.html');
  writeFileSync(file, text);
  return file;
};

/** Calls and writes by turns, in a dozen files, each with an inline chain and notes. */
export const manyFindings = (count: number): readonly Diagnostic[] =>
  Array.from({ length: count }, (_, index) => {
    const file = `arch/arm64/kvm/hyp/nvhe/file-${String(Math.floor((index * 12) / count)).padStart(2, '0')}.c`;
    const name = `hyp_function_${index}`;
    const end = { section: '.text', offset: index * 4, symbolOffset: null };
    return diagnostic({
      warning: index % 2 === 0 ? 'hyp-call' : 'hyp-write',
      message: `call to ${quote(`host_function_${index % 97}`)} (section ${quote('.text')}) from hyp code ${quote(name)} (section ${quote('.hyp.text')})`,
      place: { file, line: index + 1, column: 9 },
      function: `inline_helper_${index % 13}`,
      inlinedFrom: [{ function: name, file, line: index + 3, column: 5 }],
      notes: [
        { message: 'in the object', place: { object: 'vmlinux.o', section: '.hyp.text', offset: index * 4 } },
        { message: 'make the callee hyp code, or leave the work to the host', place: null },
      ],
      hyp: {
        object: 'vmlinux.o',
        from: { ...end, symbol: name, section: '.hyp.text' },
        to: { ...end, symbol: `host_function_${index % 97}` },
        relocation: 'CALL26',
        access: 'call',
        reach: 'live',
        inlined: [],
        callers: [],
        relocations: [],
      },
    });
  });

const hostile = [
  '</script><script>injected=1</script>',
  '"><img src=x onerror=alert(1)>',
  "' onclick='alert(1)",
  '</style><style>*{display:none}</style>',
  '<!--',
  ']]><base href=//x>',
  '&lt;b&gt;',
  '\u202egnp.exe\u2028',
  '<svg onload=injected=1>',
  '</title><iframe>',
  '$&$1',
];

/** A page of findings in which every field is one of these names. */
export const hostilePage = (): string => {
  const diagnostics = hostile.map((name, line) =>
    diagnostic({
      message: `call to ${quote(name)} ${name}`,
      place: { file: name, line: line + 1, column: 1 },
      function: name,
      inlinedFrom: [{ function: name, file: name, line: 1, column: 1 }],
      object: name,
      notes: [
        { message: name, place: { object: name, section: name, offset: 1 } },
        { message: name, decides: name, place: null },
      ],
      fixits: [{ file: name, start: { line: 1, column: 1 }, next: { line: 1, column: 3 }, text: name }],
      hyp: {
        object: name,
        from: { symbol: name, section: name, offset: 0, symbolOffset: 0 },
        to: { symbol: name, section: name, offset: 0, symbolOffset: 0 },
        relocation: name,
        access: 'call',
        reach: 'live',
        inlined: [],
        callers: [],
        relocations: [],
      },
    }),
  );
  const facts: PageFacts = {
    ...nothing,
    release: hostile.join(''),
    generations: hostile,
    mode: hostile.join(''),
    dependencies: hostile.map((name) => ({
      from: name,
      to: name,
      family: null,
      accesses: ['call'],
      outcome: 'not fine',
    })),
    leftOut: diagnostics,
  };
  const pieces = page(
    diagnostics,
    facts,
    context({
      sourceLine: (file, line) => `${file} ${line}`,
      fingerprintOf: fingerprinter(diagnostics),
      run: { version: hostile.join(''), inputs: hostile },
    }),
  );
  return [...pieces].join('');
};
