// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Whole objects against the recorded answers of llvm-symbolizer; test/dwarf/objects/record
// makes both.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SourceLocator } from '../../lib/dwarf/source-locator.js';
import {
  frameText,
  lineOf,
  locatedFrames,
  objectsFolder,
  openObject,
  parseFrames,
  sectionOf,
} from './recordings.js';

const objects = [
  { object: 'gcc-5.o', recording: 'gcc-5.o.frames' },
  { object: 'gcc-4.o', recording: 'gcc-4.o.frames' },
  { object: 'clang-5.o', recording: 'clang-5.o.frames' },
  { object: 'clang-4.o', recording: 'clang-4.o.frames' },
  { object: 'gas-5.o', recording: 'gas-5.o.frames' },
  { object: 'gas-3.o', recording: 'gas-3.o.frames' },
  { object: 'clang-asm.o', recording: 'clang-asm.o.frames' },
  { object: 'merged.o', recording: 'merged.o.frames' },
  { object: 'zlib.o', recording: 'merged.o.frames' },
  { object: 'zlib-gnu.o', recording: 'merged.o.frames' },
  { object: 'split.o', recording: 'split.o.frames' },
  { object: 'linked', recording: 'linked.frames' },
];

for (const { object, recording } of objects) {
  t.test(`every instruction of ${object} has the frames that llvm-symbolizer gives it`, async (t) => {
    const file = await openObject(join(objectsFolder, object));
    const expected = parseFrames(readFileSync(join(objectsFolder, recording), 'utf8'));
    const found = locatedFrames(new SourceLocator(file), sectionOf(file, '.text'));
    t.ok(expected.some((frames) => !frames.endsWith('nothing')));
    t.strictSame(found, expected);
  });
}

t.test('a frame has the compilation directory of its unit', async (t) => {
  const file = await openObject(join(objectsFolder, 'gcc-5.o'));
  const { frames, problem } = new SourceLocator(file).framesAt(sectionOf(file, '.text'), 0);
  t.equal(problem, null);
  t.equal(frames[0]?.directory, '/src');
});

t.test('a skeleton unit gives lines, and the .dwo file with the functions is named', async (t) => {
  const file = await openObject(join(objectsFolder, 'split.o'));
  const { frames, problem } = new SourceLocator(file).framesAt(sectionOf(file, '.text'), 0);
  t.equal(frames.length, 1);
  t.equal(frames[0]?.function, null);
  t.equal(problem, "functions and inlined calls are in 'split.dwo', which is not read");
});

t.test('a place that debug information does not describe has no frames, and is not a problem', async (t) => {
  const file = await openObject(join(objectsFolder, 'gcc-5.o'));
  const text = sectionOf(file, '.text');
  const locator = new SourceLocator(file);
  t.strictSame(locator.framesAt(sectionOf(file, '.data'), 0), { frames: [], problem: null });
  t.equal(locator.subprogramAt(sectionOf(file, '.data'), 0), null);
  t.equal(locator.declarationAt(text, 0), null);
});

const variables = [
  { name: 'cells', line: lineOf('frames.c', /^volatile int cells/) },
  { name: 'declared_first', line: lineOf('frames.c', /^int declared_first/) },
  { name: 'private_count', line: lineOf('frames.c', /^static int private_count/) },
  { name: 'hidden', line: lineOf('frames.c', /static int hidden/) },
];

for (const object of ['gcc-5.o', 'gcc-4.o', 'clang-5.o', 'clang-4.o', 'merged.o', 'zlib.o', 'linked']) {
  t.test(`the declarations of variables in ${object} are found`, async (t) => {
    const file = await openObject(join(objectsFolder, object));
    const locator = new SourceLocator(file);
    const { symbols } = file;
    for (const { name, line } of variables) {
      const places = [...Array(symbols.count).keys()].filter((symbol) =>
        // gcc appends a number to the name of a static local; clang puts the function's name before it.
        new RegExp(`^(counted\\.)?${name}(\\.\\d+)?$`).test(symbols.name(symbol)),
      );
      const declarations = places.map((symbol) => {
        const section = file.sections[symbols.section(symbol)];
        if (!section) return 'no section';
        const offset = symbols.value(symbol) - (file.type === 1 ? 0 : Number(section.address));
        const found = locator.declarationAt(section, offset);
        return found && `${found.function} ${found.file}:${found.line}`;
      });
      t.ok(declarations.includes(`${name} frames.c:${line}`), `${name}: ${declarations.join(', ')}`);
    }
  });
}

t.test('a place inside a variable, not at its start, has no declaration', async (t) => {
  const file = await openObject(join(objectsFolder, 'gcc-5.o'));
  const { symbols } = file;
  const cells = [...Array(symbols.count).keys()].find((symbol) => symbols.name(symbol) === 'cells') ?? 0;
  const section = file.sections[symbols.section(cells)];
  if (!section) throw new Error('cells has no section');
  const locator = new SourceLocator(file);
  t.ok(locator.declarationAt(section, symbols.value(cells)));
  t.equal(locator.declarationAt(section, symbols.value(cells) + 4), null);
});

for (const object of ['gcc-5.o', 'clang-4.o', 'linked']) {
  t.test(`inlined calls of ${object} come with their callers and declarations`, async (t) => {
    const file = await openObject(join(objectsFolder, object));
    const locator = new SourceLocator(file);
    const instances = [...locator.inlinedInstances(sectionOf(file, '.text'), new Set())];
    const told = new Set(
      instances.map(({ callee, frames }) =>
        [callee.name, ...frames.map((frame) => `${frame.function}:${frame.line}`)].join(' < '),
      ),
    );
    const middleCall = lineOf('frames.c', /int sum = middle/);
    const nested = lineOf('include/depth.h', /doubled = innermost/);
    t.ok(told.has(`middle < entry_point:${middleCall}`));
    t.ok(told.has(`innermost < middle:${nested} < entry_point:${middleCall}`));
    const innermost = instances.find(({ callee }) => callee.name === 'innermost')?.callee;
    const { declaration, inline } = innermost ?? {};
    t.ok(declaration && frameText(declaration).startsWith('innermost '));
    t.match(declaration, { file: /include\/depth\.h$/, line: lineOf('include/depth.h', /int innermost/) });
    // DW_INL_declared_inlined; clang writes DW_INL_inlined, without the keyword.
    t.ok(inline === 3 || inline === 1);
    for (const { ranges } of instances) {
      for (const { start, end } of ranges)
        t.ok(start >= 0 && start < end && end <= sectionOf(file, '.text').size);
    }
  });
}

t.test('subprogramAt gives the name and the declaration of the function around an instruction', async (t) => {
  const file = await openObject(join(objectsFolder, 'gcc-5.o'));
  const { symbols } = file;
  const entry =
    [...Array(symbols.count).keys()].find((symbol) => symbols.name(symbol) === 'entry_twice') ?? 0;
  const found = new SourceLocator(file).subprogramAt(sectionOf(file, '.text'), symbols.value(entry));
  t.match(found, {
    name: 'entry_twice',
    inline: null,
    declaration: { file: 'frames.c', line: lineOf('frames.c', /^int entry_twice/) },
  });
});
