// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The layers of lib/: each imports its own folder and earlier ones; only cli
// knows the outside world; each third-party package is imported by one layer.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import t from 'tap';

const lib = join(import.meta.dirname, '../lib');

const layers: readonly string[] = [
  ...[
    'elf',
    'aarch64',
    'c-source',
    'linker-script',
    'link',
    'code',
    'linked',
    'references',
    'policy',
    'flow',
  ],
  ...['dwarf', 'diagnostics', 'pages', 'findings', 'inline', 'formats', 'cli'],
];

/** Built-in modules by the layers that may use them; cli may use all. */
const builtins: Readonly<Record<string, readonly string[]>> = {
  'node:zlib': ['elf'], // inflating sections: a function of bytes
  'node:crypto': ['formats'], // fingerprints: a function of text
};

/** Third parties, each with the one layer that knows it. */
const thirdParties: Readonly<Record<string, string>> = { elfinfo: 'elf', minimist: 'cli' };

/** Packages of types alone, which leave nothing in the program. */
const typePackages: Readonly<Record<string, string>> = { sarif: 'formats' };

const MAX_LINES = 300;
/** Files that are longer, and why. */
const longFiles: Readonly<Record<string, string>> = {
  'flow/walk.ts': 'one work list, whose steps share what is pending; and why it is sound',
};

interface SourceFile {
  /** Relative to lib/. */
  readonly path: string;
  readonly layer: string | null;
  readonly text: string;
  readonly imports: readonly string[];
}

const importsOf = (text: string): readonly string[] =>
  [
    ...text.matchAll(/^\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'/gm),
    ...text.matchAll(/^\s*import\s+'([^']+)'/gm),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ].map((match) => match[1] ?? '');

const files: readonly SourceFile[] = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(lib, path), 'utf8');
    const folder = path.includes('/') ? (path.split('/')[0] ?? '') : null;
    return { path, layer: folder, text, imports: importsOf(text) };
  });

/** The layer that a relative import leads to; 'check' for lib/check.ts. */
const layerOf = (file: SourceFile, imported: string): string => {
  const target = relative(lib, normalize(join(lib, dirname(file.path), imported)));
  return target.includes('/') ? (target.split('/')[0] ?? '') : target.replace(/\.js$/, '');
};

const rank = (layer: string): number => layers.indexOf(layer);

t.test('every folder of lib/ is a layer', async (t) => {
  t.ok(files.length > 60, `${files.length} files`);
  t.same(
    files
      .filter(({ layer, path }) => (layer === null ? path !== 'check.ts' : rank(layer) < 0))
      .map(({ path }) => path),
    [],
  );
});

t.test('lib/README.md lists the layers in order, and every file that it names exists', async (t) => {
  const readme = readFileSync(join(lib, 'README.md'), 'utf8');
  t.same(
    [...readme.matchAll(/^\| `([\w-]+)\/` \|/gm)].map((match) => match[1]),
    layers,
  );
  for (const [, path = ''] of readme.matchAll(/`([\w/.*-]+\.ts)`/g)) {
    const pattern = new RegExp(`(^|/)${path.replaceAll('.', '\\.').replace('*', '[\\w-]+')}$`);
    const isThere = /^(test|bin)\//.test(path)
      ? existsSync(join(lib, '..', path))
      : files.some((file) => pattern.test(file.path));
    t.ok(isThere, path);
  }
});

t.test('every form of import is found', async (t) => {
  t.same(
    importsOf(
      [
        "import a from 'a';",
        "import type { B } from './b.js';",
        "import {\n  c,\n  type D,\n} from '../c.js';",
        "export { e } from './e.js';",
        "export * from './f.js';",
        "import './g.js';",
        "const h = await import('h');",
        "// nothing: from 'x'",
      ].join('\n'),
    ).toSorted(),
    ['../c.js', './b.js', './e.js', './f.js', './g.js', 'a', 'h'],
  );
});

t.test('a layer imports its own folder and earlier ones', async (t) => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const imported of file.imports.filter((one) => one.startsWith('.'))) {
      const target = layerOf(file, imported);
      const own = file.layer === null ? rank('formats') : rank(file.layer);
      // lib/check.ts may use the layers below formats, and only cli may import it.
      const isAllowed =
        target === 'check'
          ? file.layer === 'cli'
          : file.layer === null
            ? rank(target) >= 0 && rank(target) < own
            : rank(target) >= 0 && rank(target) <= own;
      if (!isAllowed) wrong.push(`${file.path} imports ${imported}`);
    }
  }
  t.same(wrong, []);
});

/** Import cycles of any length, each as a path. */
const circlesIn = (importsByFile: ReadonlyMap<string, readonly string[]>): readonly string[] => {
  const circles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (done.has(file) || path.includes(file)) return;
    path.push(file);
    for (const imported of importsByFile.get(file) ?? []) visit(imported);
    path.pop();
    done.add(file);
  };
  for (const file of importsByFile.keys()) visit(file);
  return circles;
};

t.test('there are no import cycles, not even of types', async (t) => {
  t.same(
    circlesIn(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['d']],
        ['c', ['d']],
        ['d', ['e']],
        ['e', ['b', 'f']],
        ['f', ['f']],
      ]),
    ),
    ['b > d > e > b', 'f > f'],
    'the search finds the cycles of an example',
  );
  const importsByFile = files.map(
    ({ path, imports }) =>
      [
        path,
        imports
          .filter((imported) => imported.startsWith('.'))
          .map((imported) => join(dirname(path), imported).replace(/\.js$/, '.ts')),
      ] as const,
  );
  t.same(circlesIn(new Map(importsByFile)), []);
});

t.test('only policy/ compares ids of generations', async (t) => {
  const wrong = files
    .filter(({ layer, text }) => layer !== 'policy' && /\bgeneration\w*\.id\b|'nvhe(-early)?'/.test(text))
    .map(({ path }) => path);
  t.same(wrong, [], 'elsewhere, what depends on the generation is a column of its row');
});

t.test('only cli opens files, prints, exits, or reads environment and clock', async (t) => {
  const wrong: string[] = [];
  for (const { path, layer, imports, text } of files) {
    if (layer === 'cli') continue;
    for (const imported of imports) {
      const isBuiltin = imported.startsWith('node:') || builtinModules.includes(imported);
      if (isBuiltin && !builtins[imported]?.includes(layer ?? '')) wrong.push(`${path} imports ${imported}`);
    }
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'|`[^`]*`/g, "''");
    for (const word of code.matchAll(
      /\b(process|console|performance|Date|setTimeout|fetch|globalThis)\b\s*[.(]/g,
    )) {
      wrong.push(`${path} uses ${word[1]}`);
    }
  }
  t.same(wrong, []);
});

t.test('no file uses the streams, arguments, environment or exit of process', async (t) => {
  const wrong = files
    .filter(({ text }) => /\bprocess\.(exit|stdout|stderr|argv|env)\b/.test(text))
    .map(({ path }) => path);
  t.same(wrong, [], 'main is given them by its caller');
});

t.test('each third-party package is imported by one layer', async (t) => {
  const wrong: string[] = [];
  for (const { path, layer, imports, text } of files) {
    for (const imported of imports) {
      if (imported.startsWith('.') || imported.startsWith('node:')) continue;
      const isOfTypes = new RegExp(`^import type [^;]* from '${imported}';$`, 'm').test(text);
      if (isOfTypes && typePackages[imported] === layer) continue;
      if (thirdParties[imported] !== layer) wrong.push(`${path} imports ${imported}`);
    }
  }
  t.same(wrong, []);
  const { dependencies } = JSON.parse(readFileSync(join(lib, '../package.json'), 'utf8'));
  t.same(
    Object.keys(dependencies).sort(),
    Object.keys(thirdParties).sort(),
    'package.json has no other dependencies',
  );
});

t.test('the files of more than 300 lines are listed with a reason, and no others', async (t) => {
  const isLong = ({ text }: SourceFile): boolean => text.split('\n').length - 1 > MAX_LINES;
  t.same(
    files.filter(isLong).map(({ path }) => path),
    Object.keys(longFiles).sort(),
  );
});

t.test('every file begins with its licence', async (t) => {
  for (const { path, text } of files) {
    t.match(
      text,
      /^\/\/ SPDX-License-Identifier: GPL-2\.0-only OR MIT\n(\/\/|export const version|\n)/,
      path,
    );
  }
});
