// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What binutils print for a planted bug, to write and to check the table of bugs: the references that only the
// vmlinux.o with the bug has (objdump -r), each with its source lines (addr2line -i); symbols of nVHE code
// outside .hyp.*, and where they are declared (nm -l). Nothing here comes from hypcheck.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { ExpectedFinding, PlantedBug, Warning } from './planted-bug.js';
import { editedText, lineOfMarker } from './planted-bug.js';

const hypSections = [
  '.hyp.text',
  '.hyp.idmap.text',
  '.hyp.rodata',
  '.hyp.data..ro_after_init',
  '.hyp.data..percpu',
];
const hostSections = ['.text', '.init.text', '.noinstr.text', '.exit.text'];
const prefix = '__kvm_nvhe_';

interface Seen {
  readonly what: string;
  /** Without offsets, which move with every edit. */
  readonly target: string;
  /** file:line, innermost first, relative to the tree. */
  readonly lines: readonly string[];
  readonly functions: readonly string[];
}

export interface Truth {
  readonly holds: boolean;
  readonly text: string;
}

export function describeTruth(
  bug: PlantedBug,
  objects: string,
  trees: { source: string; root: string },
): Truth {
  const object = join(objects, 'vmlinux.o');
  const old = new Map<string, number>();
  for (const seen of everything(join(trees.root, 'pristine', 'vmlinux.o'), trees.source)) {
    // Line numbers may have moved, so they are not compared; names of functions and targets are.
    old.set(identity(seen), (old.get(identity(seen)) ?? 0) + 1);
  }
  const fresh = everything(object, trees.source).filter((seen) => {
    const left = old.get(identity(seen)) ?? 0;
    old.set(identity(seen), left - 1);
    return left <= 0;
  });
  const aliases = readFileSync(join(objects, 'arch/arm64/kernel/vmlinux.lds'), 'utf8');
  const symbols = [...symbolsByAddress(object)];
  const assigned = (left: string): string | undefined =>
    new RegExp(`^ *${left} = (\\w+);`, 'm').exec(aliases)?.[1];
  /** The target of an alias may itself be an alias. */
  const realName = (name: string): string | undefined => {
    const first = assigned(`${prefix}${name}`);
    return (first && assigned(first)) ?? first;
  };
  const definedName = (target: string): string => {
    const [, name = ''] = /^(.*) \(\*UND\*\)$/.exec(target) ?? [];
    const real = realName(name);
    return real !== undefined && symbols.some(([, list]) => list.some((each) => each.name === real))
      ? `${real} (*UND*)`
      : target;
  };
  const sectionOf = (target: string): string | null => {
    const [, name = '', section = ''] = /^(.*) \((.*)\)$/.exec(target) ?? [];
    if (section !== '*UND*') return section;
    const real = realName(name);
    return symbols.find(([, list]) => list.some((each) => each.name === real))?.[0] ?? null;
  };
  const isExpectedBy = (finding: ExpectedFinding): boolean => {
    const line = lineOfMarker(editedText(objects, finding.file), finding.marker);
    return fresh.some(
      (seen) =>
        matches({ ...seen, target: definedName(seen.target) }, finding, `${finding.file}:${line}`) &&
        sectionOf(seen.target) === finding.section,
    );
  };
  const verdicts = bug.expected.map((finding) => ({ finding, holds: isExpectedBy(finding) }));
  const text = [
    ...fresh.map(
      (seen) =>
        `  ${seen.what} ${seen.target} -> ${sectionOf(seen.target) ?? 'nowhere'}\n${seen.lines.map((l, i) => `      ${l} ${seen.functions[i] ?? ''}\n`).join('')}`,
    ),
    ...verdicts.map(
      ({ finding, holds }) => `  ${holds ? 'holds' : 'FAILS'}: ${finding.warning} ${finding.target}\n`,
    ),
  ].join('');
  return { holds: verdicts.every(({ holds }) => holds), text };
}

/** For each warning, the form of a reference (or symbol) in the output of binutils. */
const kinds: Readonly<Record<Warning, RegExp>> = {
  'hyp-call': /^\.hyp\.\S+ (CALL26|JUMP26|CONDBR19|TSTBR14) /,
  'hyp-data': /^\.hyp\.\S+ (LDST\d+_ABS_LO12_NC ld|ADD_ABS_LO12_NC add)/,
  'hyp-write': /^\.hyp\.\S+ LDST\d+_ABS_LO12_NC st/,
  'hyp-absolute': /^\.hyp\.\S+ ABS64 /,
  'hyp-instrumentation': /^\.hyp\.\S+ (CALL26|LDST64_ABS_LO12_NC ld|ADD_ABS_LO12_NC add)/,
  'hyp-section': /^symbol in /,
  'hyp-from-host': /^\.text CALL26 /,
};

function matches(seen: Seen, finding: ExpectedFinding, line: string): boolean {
  const isDeclaration = finding.warning === 'hyp-section';
  return (
    seen.lines[0] === line &&
    kinds[finding.warning].test(seen.what) &&
    seen.target.startsWith(finding.target === null ? '' : `${finding.target} (`) &&
    seen.lines.length > 1 === finding.inlined &&
    (isDeclaration ? finding.from === null : finding.from === seen.functions.at(-1))
  );
}

function identity(seen: Seen): string {
  return [seen.what, seen.target, ...seen.functions].join(' ');
}

function everything(object: string, source: string): readonly Seen[] {
  const addresses = symbolsByAddress(object);
  return [
    ...hypSections.flatMap((section) => references(object, section, source, addresses)),
    ...hostSections.flatMap((section) =>
      references(object, section, source, addresses, /^R_AARCH64_(CALL26|JUMP26) .*__kvm_nvhe_/),
    ),
    ...strays(object, source),
  ];
}

function run(tool: string, args: readonly string[], input = ''): string {
  return execFileSync(`aarch64-linux-gnu-${tool}`, args, {
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

type Symbols = ReadonlyMap<string, readonly { readonly offset: number; readonly name: string }[]>;

/** Symbols of each section, ascending; the mapping symbols left out. */
function symbolsByAddress(object: string): Symbols {
  const bySection = new Map<string, { offset: number; name: string }[]>();
  for (const line of run('objdump', ['-t', object]).split('\n')) {
    const match = /^([0-9a-f]{16}) .{7} (\S+)\t[0-9a-f]{16} (?:\.hidden )?(\S+)$/.exec(line);
    const [, offset = '', section = '', name = ''] = match ?? [];
    if (match === null || section === name || /^(__kvm_nvhe_)?\$[xd]/.test(name)) continue;
    const list = bySection.get(section) ?? [];
    list.push({ offset: Number.parseInt(offset, 16), name });
    bySection.set(section, list);
  }
  for (const list of bySection.values()) list.sort((a, b) => a.offset - b.offset);
  return bySection;
}

function symbolAt(symbols: Symbols, section: string, offset: number): string {
  return symbols.get(section)?.findLast((symbol) => symbol.offset <= offset)?.name ?? section;
}

function unprefixed(name: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** The references of a section, as `objdump -r` lists them. */
function references(
  object: string,
  section: string,
  source: string,
  symbols: Symbols,
  only = /./,
): readonly Seen[] {
  const sections = new Map(
    [...symbols].flatMap(([name, list]) => list.map((symbol) => [symbol.name, name] as const)),
  );
  const rows = run('objdump', ['-r', '-j', section, object])
    .split('\n')
    .flatMap((line) => {
      const match = /^([0-9a-f]{16}) (R_AARCH64_\w+)\s+(\S+)$/.exec(line);
      const [, offset = '', type = '', value = ''] = match ?? [];
      return match === null || !only.test(`${type} ${value}`) ? [] : [{ offset, type, value }];
    });
  const code = section.endsWith('text') && rows.length > 0 ? instructions(object, section) : undefined;
  const places = rows.map(
    ({ offset }) => code?.loaders.get(Number.parseInt(offset, 16)) ?? Number.parseInt(offset, 16),
  );
  const frames = code === undefined ? [] : framesOf(object, section, places, source);
  return rows.map(({ type, value }, index) => {
    const [, symbol = value, addend = '0'] = /^(.*?)(?:\+0x([0-9a-f]+))?$/.exec(value) ?? [];
    const target = symbols.has(symbol)
      ? `${symbolAt(symbols, symbol, Number.parseInt(addend, 16))} (${symbol})`
      : `${symbol} (${sections.get(symbol) ?? 'undefined'})`;
    const place = places[index] ?? 0;
    const holder = unprefixed(symbolAt(symbols, section, place));
    const access = code?.mnemonics.get(place) ?? 'slot';
    const frame = frames[index] ?? { lines: declarationOf(object, holder, source), functions: [holder] };
    return {
      what: `${section} ${type.replace('R_AARCH64_', '')} ${access}`,
      target: unprefixed(target),
      ...frame,
    };
  });
}

/** The instruction at each offset, and the one that loads the literal at an offset. */
function instructions(object: string, section: string) {
  const mnemonics = new Map<number, string>();
  const loaders = new Map<number, number>();
  for (const line of run('objdump', ['-d', '--no-show-raw-insn', '-j', section, object]).split('\n')) {
    const [, offset, mnemonic, operands] = /^ *([0-9a-f]+):\t(\S+)(?:\t(.*))?$/.exec(line) ?? [];
    if (offset === undefined || mnemonic === undefined) continue;
    mnemonics.set(Number.parseInt(offset, 16), mnemonic);
    const [, literal] = (mnemonic === 'ldr' && /^[xw]\d+, ([0-9a-f]+) /.exec(operands ?? '')) || [];
    if (literal !== undefined) loaders.set(Number.parseInt(literal, 16), Number.parseInt(offset, 16));
  }
  return { mnemonics, loaders };
}

interface Frames {
  readonly lines: readonly string[];
  readonly functions: readonly string[];
}

function framesOf(
  object: string,
  section: string,
  offsets: readonly number[],
  source: string,
): readonly Frames[] {
  if (offsets.length === 0) return [];
  const answers = run(
    'addr2line',
    ['-a', '-i', '-f', '-j', section, '-e', object],
    offsets.map((offset) => `0x${offset.toString(16)}\n`).join(''),
  );
  return answers
    .split(/^0x[0-9a-f]{16}\n/m)
    .slice(1)
    .map((answer) => {
      const words = answer.trimEnd().split('\n');
      return {
        functions: words.filter((_, index) => index % 2 === 0).map(unprefixed),
        lines: words.filter((_, index) => index % 2 === 1).map((line) => inTree(line, source)),
      };
    });
}

function inTree(line: string, source: string): string {
  const [path = ''] = line.split(' ');
  return path.startsWith(source) ? normalize(path.slice(source.length + 1)) : path;
}

const declarations = new Map<string, ReadonlyMap<string, string>>();

function declarationOf(object: string, name: string, source: string): readonly string[] {
  const known = declarations.get(object) ?? declared(object, source);
  declarations.set(object, known);
  const line = known.get(name);
  return line === undefined ? [] : [line];
}

/** Where nm -l finds nVHE's symbols declared. kvm_nvhe.o holds all of them, and nm is quick on it. */
function declared(object: string, source: string): ReadonlyMap<string, string> {
  const nvhe = object.replace(/vmlinux\.o$/, 'arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o');
  return new Map(
    run('nm', ['-l', nvhe])
      .split('\n')
      .flatMap((row) => {
        const [, name = '', line = ''] = /^[0-9a-f ]{16} \S (\S+)\t(.*)$/.exec(row) ?? [];
        return line === '' ? [] : [[unprefixed(name), inTree(line, source)] as const];
      }),
  );
}

/** Symbols of nVHE code that lie in a section of the host. */
function strays(object: string, source: string): readonly Seen[] {
  return [...symbolsByAddress(object)].flatMap(([section, list]) =>
    list
      .filter(
        ({ name }) => name.startsWith(prefix) && !section.startsWith('.hyp.') && !section.startsWith('*'),
      )
      .map(({ name }) => ({
        what: 'symbol in a section of the host:',
        target: `${unprefixed(name)} (${section})`,
        lines: declarationOf(object, unprefixed(name), source),
        functions: [],
      })),
  );
}
