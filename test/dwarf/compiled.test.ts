// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// One source, compiled and linked in many ways: the frames that we find are those of
// llvm-symbolizer in the linked image. (It cannot be asked about objects: there it ignores
// relocations that lead to a second unit, and an offset does not say which of several
// code sections is meant.) Needs cross compilers; without them the tests are skipped.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { SourceLocator } from '../../lib/dwarf/source-locator.js';
import type { Section } from '../../lib/elf/object-file.js';
import {
  hasTool,
  lineOf,
  locatedFrames,
  objectsFolder,
  openObject,
  parseFrames,
  sectionOf,
} from './recordings.js';

const GNU = 'aarch64-linux-gnu-';
const SYMBOLIZER = 'llvm-symbolizer-19';
const compilers = [
  { name: 'gcc', command: [`${GNU}gcc`] },
  { name: 'clang', command: ['clang-19', '--target=aarch64-linux-gnu'] },
] as const;

const needed = [`${GNU}gcc`, `${GNU}ld`, `${GNU}objcopy`, 'clang-19', SYMBOLIZER];
const missing = needed.filter((tool) => !hasTool(tool));
const skip =
  missing.length > 0 && `not installed: ${missing.join(', ')}; only the recorded objects were compared`;

/** A temporary folder with the sources; `run` runs commands there. */
const workshop = () => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-dwarf-'));
  cpSync(objectsFolder, folder, { recursive: true });
  const run = (command: readonly string[], input = ''): string => {
    const [program = '', ...rest] = command;
    return execFileSync(program, rest, { cwd: folder, input, encoding: 'utf8', stdio: 'pipe' });
  };
  return {
    run,
    path: (name: string) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true }),
  };
};
type Workshop = ReturnType<typeof workshop>;

/** llvm-symbolizer's frames of every instruction in start .. start + size of a linked image. */
const symbolized = ({ run }: Workshop, image: string, start: bigint, size: number): readonly string[] => {
  const addresses = [...Array(Math.ceil(size / 4)).keys()].map(
    (index) => `0x${(start + BigInt(index * 4)).toString(16)}`,
  );
  const options = ['--functions=short', '--relativenames', '-i', '-e', image];
  return parseFrames(run([SYMBOLIZER, ...options], `${addresses.join('\n')}\n`));
};

/** llvm-symbolizer's frames of every instruction in .text of a linked image. */
const truthOf = async (shop: Workshop, image: string): Promise<readonly string[]> => {
  const text = sectionOf(await openObject(shop.path(image)), '.text');
  return symbolized(shop, image, text.address, text.size);
};

const foundIn = async (shop: Workshop, name: string): Promise<readonly string[]> => {
  const object = await openObject(shop.path(name));
  return locatedFrames(new SourceLocator(object), sectionOf(object, '.text'));
};

const packings = ['none', 'zlib', 'zlib-gnu'] as const;

for (const { name, command } of compilers) {
  for (const version of ['4', '5']) {
    for (const level of ['-O0', '-O2']) {
      t.test(`${name}, DWARF ${version}, ${level}: frames are llvm-symbolizer’s`, { skip }, async (t) => {
        const shop = workshop();
        t.teardown(shop.remove);
        const compile = (source: string, object: string, ...more: string[]) =>
          shop.run([
            ...command,
            '-c',
            `-gdwarf-${version}`,
            level,
            '-fno-pic',
            ...more,
            source,
            '-o',
            object,
          ]);
        compile('frames.c', 'frames.o', '-DRARE=');
        compile('second.c', 'second.o');
        compile('routine.S', 'routine.o');
        compile('frames.c', 'cold.o');
        const merged = ['frames.o', 'second.o', 'routine.o'];
        shop.run([`${GNU}ld`, '-r', ...merged, '-o', 'merged.o']);
        shop.run([`${GNU}ld`, '-e', 'entry_point', 'merged.o', '-o', 'merged']);
        const truth = await truthOf(shop, 'merged');
        // llvm-symbolizer misreads clang's line table of an assembly source: only the C part is compared.
        const known = name === 'gcc' ? truth.length : truth.length - 11;
        for (const packing of packings) {
          shop.run([`${GNU}objcopy`, `--compress-debug-sections=${packing}`, 'merged.o', 'packed.o']);
          const found = await foundIn(shop, 'packed.o');
          t.strictSame(found.slice(0, known), truth.slice(0, known), `ld -r, compression ${packing}`);
        }
        const alone = await foundIn(shop, 'frames.o');
        t.strictSame(alone, truth.slice(0, alone.length), 'one object');

        shop.run([`${GNU}ld`, '-e', 'entry_point', 'cold.o', 'second.o', 'routine.o', '-o', 'image']);
        shop.run([`${GNU}ld`, '-pie', '-no-dynamic-linker', '-e', 'entry_point', ...merged, '-o', 'movable']);
        for (const image of ['image', 'movable']) {
          const expected = await truthOf(shop, image);
          const end = name === 'gcc' ? expected.length : expected.length - 11;
          t.strictSame((await foundIn(shop, image)).slice(0, end), expected.slice(0, end), image);
        }
      });
    }
  }
}

/** Forms of debug information that options of the kernel or of a distribution can select. */
const variants: readonly {
  readonly name: string;
  readonly compiler: 0 | 1;
  readonly options: readonly string[];
}[] = [
  { name: 'gcc, 64-bit DWARF 5', compiler: 0, options: ['-gdwarf-5', '-gdwarf64'] },
  { name: 'gcc, 64-bit DWARF 4', compiler: 0, options: ['-gdwarf-4', '-gdwarf64'] },
  { name: 'clang, 64-bit DWARF 5', compiler: 1, options: ['-gdwarf-5', '-gdwarf64'] },
  { name: 'gcc, DWARF 3', compiler: 0, options: ['-gdwarf-3', '-gstrict-dwarf'] },
  { name: 'gcc, DWARF 2', compiler: 0, options: ['-gdwarf-2', '-gstrict-dwarf'] },
  { name: 'gcc, type units', compiler: 0, options: ['-gdwarf-5', '-fdebug-types-section'] },
  { name: 'clang, type units', compiler: 1, options: ['-gdwarf-5', '-fdebug-types-section'] },
  { name: 'gcc, DWARF 4 type units', compiler: 0, options: ['-gdwarf-4', '-fdebug-types-section'] },
  { name: 'clang, address ranges', compiler: 1, options: ['-gdwarf-5', '-gdwarf-aranges'] },
  { name: 'gcc, line tables made by gcc', compiler: 0, options: ['-gdwarf-5', '-gno-as-loc-support'] },
  { name: 'gcc, split DWARF 4 read without its .dwo', compiler: 0, options: ['-gdwarf-4', '-gsplit-dwarf'] },
  { name: 'gcc, split DWARF 5 read without its .dwo', compiler: 0, options: ['-gdwarf-5', '-gsplit-dwarf'] },
  {
    name: 'clang, split DWARF with inlined calls in the skeleton',
    compiler: 1,
    options: ['-gdwarf-5', '-gsplit-dwarf', '-fsplit-dwarf-inlining'],
  },
];

for (const { name, compiler, options } of variants) {
  t.test(`${name}: frames are llvm-symbolizer’s`, { skip }, async (t) => {
    const shop = workshop();
    t.teardown(shop.remove);
    const { command } = compilers[compiler];
    for (const source of ['frames', 'second']) {
      shop.run([
        ...command,
        '-c',
        '-O2',
        '-fno-pic',
        '-DRARE=',
        ...options,
        `${source}.c`,
        '-o',
        `${source}.o`,
      ]);
      rmSync(shop.path(`${source}.dwo`), { force: true });
    }
    const rest = ['second.o', 'gas-5.o'];
    shop.run([`${GNU}ld`, '-e', 'entry_point', 'frames.o', ...rest, '-o', 'image']);
    shop.run([`${GNU}ld`, '-r', 'frames.o', ...rest, '-o', 'both.o']);
    const truth = await truthOf(shop, 'image');
    t.strictSame(await foundIn(shop, 'image'), truth, 'linked');
    t.strictSame(await foundIn(shop, 'both.o'), truth, 'ld -r');
  });
}

const functionSection = (section: Section): string | null =>
  /^\.text\.([a-z_]+)$/.exec(section.name)?.[1] ?? null;

for (const { name, command } of compilers) {
  for (const version of ['4', '5']) {
    t.test(`${name}, DWARF ${version}: frames, with a section for each function`, { skip }, async (t) => {
      const shop = workshop();
      t.teardown(shop.remove);
      const options = ['-c', '-O2', '-fno-pic', '-ffunction-sections', '-DRARE=', `-gdwarf-${version}`];
      shop.run([...command, ...options, 'frames.c', '-o', 'frames.o']);
      shop.run([`${GNU}ld`, '-e', 'entry_point', 'frames.o', 'gas-5.o', '-o', 'image']);
      const [object, image] = [await openObject(shop.path('frames.o')), await openObject(shop.path('image'))];
      const locator = new SourceLocator(object);
      let compared = 0;
      for (const section of object.sections) {
        const wanted = functionSection(section);
        const { symbols } = image;
        const symbol = [...Array(symbols.count).keys()].find((index) => symbols.name(index) === wanted);
        if (wanted === null || symbol === undefined) continue;
        compared++;
        t.strictSame(
          locatedFrames(locator, section),
          symbolized(shop, 'image', symbols.address(symbol), section.size),
          section.name,
        );
      }
      t.ok(compared >= 3);
    });
  }
}

t.test('code that gcc moved to .text.unlikely has the right frames', { skip }, async (t) => {
  const shop = workshop();
  t.teardown(shop.remove);
  for (const version of ['4', '5']) {
    shop.run([`${GNU}gcc`, '-c', '-O2', '-fno-pic', `-gdwarf-${version}`, 'frames.c', '-o', 'frames.o']);
    shop.run([`${GNU}ld`, '-e', 'entry_point', 'frames.o', 'gas-5.o', '-o', 'image']);
    const [object, image] = [await openObject(shop.path('frames.o')), await openObject(shop.path('image'))];
    const cold = object.sections.find(({ name }) => /^\.text\.unlikely\.?$/.test(name));
    const { symbols } = image;
    const rarely = [...Array(symbols.count).keys()].find((index) => symbols.name(index) === 'rarely');
    if (!cold || rarely === undefined) throw new Error('there is no cold section');
    t.strictSame(
      locatedFrames(new SourceLocator(object), cold),
      symbolized(shop, 'image', symbols.address(rarely), cold.size),
    );
  }
});

t.test(
  'a declaration is found whether or not code with the same section prefix exists',
  { skip },
  async (t) => {
    const shop = workshop();
    t.teardown(shop.remove);
    const families = [
      { name: 'family.o', sections: ['.text=.hyp.text', '.data=.hyp.data'] },
      { name: 'stranger.o', sections: ['.data=.other.data'] },
    ];
    for (const { name, sections } of families) {
      const renames = sections.flatMap((rename) => ['--rename-section', rename]);
      shop.run([`${GNU}objcopy`, ...renames, 'gcc-5.o', name]);
      const object = await openObject(shop.path(name));
      const data = object.sections.find((section) => /^\.(hyp|other)\.data$/.test(section.name));
      if (!data) throw new Error('there is no renamed section');
      t.match(new SourceLocator(object).declarationAt(data, 0), {
        function: 'declared_first',
        file: 'frames.c',
        line: lineOf('frames.c', /^int declared_first/),
      });
    }
  },
);

t.test('frames are right where units refer to each other, as after LTO', { skip }, async (t) => {
  const shop = workshop();
  t.teardown(shop.remove);
  for (const source of ['frames', 'second']) {
    shop.run([`${GNU}gcc`, '-c', '-O2', '-flto', '-g', '-DRARE=', `${source}.c`, '-o', `${source}.o`]);
  }
  const link = ['-O2', '-flto', '-g', '-nostdlib', '-static', '-Wl,-e,entry_point', '-Wl,-u,second_entry'];
  shop.run([`${GNU}gcc`, ...link, 'frames.o', 'second.o', 'gas-5.o', '-o', 'image']);
  const truth = await truthOf(shop, 'image');
  t.ok(truth.some((frames) => frames.includes('innermost') && frames.includes(' < middle')));
  t.strictSame(await foundIn(shop, 'image'), truth);
});
