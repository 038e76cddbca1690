// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type ArchiveMember, isArchive, readArchive } from '../../lib/elf/archive.js';
import { memorySource } from '../../lib/elf/byte-source.js';
import { buildObject, code } from '../support/object-builder.js';
import { inFolder, run, without } from '../support/tools.js';

const read = (bytes: Uint8Array, path = 'x.a'): readonly ArchiveMember[] =>
  readArchive(memorySource(path, bytes));

/** A member header [System V ar], by bytes: name 16, date 12, uid 6, gid 6, mode 8, size 10, end 2. */
const header = (name: string, size: number | string, end = '`\n'): string =>
  `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}${end}`;

const archive = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'latin1');
const text = (member: ArchiveMember | undefined): string =>
  member?.kind === 'inside' ? Buffer.from(member.source.read(0, member.source.size)).toString() : '(a path)';

t.test('a file is an archive by its first eight bytes, whatever its name', async (t) => {
  t.ok(isArchive(memorySource('built-in.o', archive('!<arch>\n'))));
  t.ok(isArchive(memorySource('kvm.o', archive('!<thin>\n'))));
  t.notOk(isArchive(memorySource('x.a', archive('!<arch>'))));
  t.notOk(isArchive(memorySource('x.a', archive('\x7fELF\x02\x01\x01\0'))));
  t.notOk(isArchive(memorySource('x.a', archive(''))));
});

t.test('an archive gives its members, without the symbol index', async (t) => {
  const members = read(
    archive(
      '!<arch>\n',
      header('/', 3),
      'idx\n',
      header('a.o/', 3),
      'AAA\n',
      header('b.o/', 4),
      'BBBB',
      header('c', 0),
    ),
  );
  t.same(
    members.map(({ name }) => name),
    ['a.o', 'b.o', 'c'],
  );
  t.same(members.map(text), ['AAA', 'BBBB', '']);
  t.equal(members[0]?.kind === 'inside' && members[0].source.path, 'x.a(a.o)');
});

t.test('long names are read from the table of names, also in nested thin archives', async (t) => {
  // 66 bytes, an even number: members begin at even offsets.
  const names = 'kvm/hyp/nvhe/a-very-long-name.nvhe.o/\nsecond-one-that-is-long.o/\n\n';
  const long = [header('//', names.length), names];
  t.same(
    read(archive('!<arch>\n', ...long, header('/0', 1), 'A\n', header('/38', 1), 'B\n')).map(
      ({ name }) => name,
    ),
    ['kvm/hyp/nvhe/a-very-long-name.nvhe.o', 'second-one-that-is-long.o'],
  );
  const thin = read(
    archive('!<thin>\n', ...long, header('/0', 9999), header('/38:1234', 5), header('s.o/', 1)),
  );
  t.same(thin, [
    { kind: 'path', name: 'kvm/hyp/nvhe/a-very-long-name.nvhe.o' },
    { kind: 'path', name: 'second-one-that-is-long.o' },
    { kind: 'path', name: 's.o' },
  ]);
});

t.test('of a thin archive, all is read at once; of others what lies between members is not', async (t) => {
  const asked: number[] = [];
  const counted = (bytes: Uint8Array) => {
    const { path, size, read } = memorySource('x.a', bytes);
    const counting: typeof read = (offset, length) => {
      asked.push(length);
      return read(offset, length);
    };
    return readArchive({ path, size, read: counting });
  };
  const members = [header('a.o/', 100), header('b.o/', 200)];
  t.equal(counted(archive('!<thin>\n', ...members)).length, 2);
  t.same(asked.splice(0), [8, 128], 'which kind it is, and all of it');
  t.equal(counted(archive('!<arch>\n', header('a.o/', 2), 'AA', header('b.o/', 2), 'BB')).length, 2);
  t.same(asked, [8, 60, 60]);
});

t.test('a damaged archive is a FormatError with the offset of the damage', async (t) => {
  const rows: readonly (readonly [string, Buffer, RegExp, number])[] = [
    ['half a header', archive('!<arch>\n', 'a.o/'), /an archive member header \(60 bytes\) reaches past/, 8],
    ['no end mark', archive('!<arch>\n', header('a.o/', 3, 'XX'), 'AAA'), /member header is damaged/, 8],
    ['a negative size', archive('!<arch>\n', header('a.o/', '-3'), 'AAA'), /has the size '-3'/, 8],
    ['no size', archive('!<arch>\n', header('a.o/', ''), 'AAA'), /has the size ''/, 8],
    [
      'a member past the end',
      archive('!<arch>\n', header('a.o/', 30), 'AAA'),
      /'a\.o' reaches past the end/,
      8,
    ],
    [
      'a long name without a table',
      archive('!<arch>\n', header('/0', 3), 'AAA'),
      /name '\/0' leads nowhere/,
      8,
    ],
    [
      'a long name outside the table',
      archive('!<thin>\n', header('//', 2), 'a\n', header('/7', 3)),
      /leads nowhere/,
      70,
    ],
    ['no name', archive('!<thin>\n', header('', 3)), /leads nowhere/, 8],
    [
      'a name table past the end',
      archive('!<thin>\n', header('//', 200), 'a/\n'),
      /table of names .* reaches past/,
      68,
    ],
  ];
  for (const [what, bytes, sentence, offset] of rows) {
    const error = t.throws(() => read(bytes), what);
    t.match(error, { sentence, file: 'x.a', offset }, what);
  }
  t.same(read(archive('!<arch>\n')), [], 'an empty archive has no members, and is no damage');
});

const object = (name: string): Uint8Array =>
  buildObject({
    sections: [{ name: '.hyp.text', flags: code, items: [{ label: name, binding: 1 }, 0xd65f03c0] }],
  });

t.test(
  'archives made by ar have the members that ar lists',
  { skip: without('aarch64-linux-gnu-ar') },
  async (t) => {
    inFolder((folder) => {
      const ar = (...args: readonly string[]) => run('aarch64-linux-gnu-ar', args, folder);
      const put = (name: string) => writeFileSync(join(folder, name), object(name.replace(/\W/g, '_')));
      mkdirSync(join(folder, 'sub'));
      for (const name of ['a.o', 'a-name-of-more-than-sixteen-characters.o', 'sub/b.o', 'sub/c.o']) put(name);
      const listed = (name: string) => ar('t', name).trim().split('\n');
      const members = (name: string) => readArchive(memorySource(name, readFileSync(join(folder, name))));

      ar('rcsD', 'fat.a', 'a.o', 'a-name-of-more-than-sixteen-characters.o', 'sub/b.o');
      t.same(
        members('fat.a').map(({ name }) => name),
        listed('fat.a'),
      );
      for (const member of members('fat.a')) {
        const path = member.name === 'b.o' ? 'sub/b.o' : member.name;
        t.equal(text(member), readFileSync(join(folder, path)).toString(), member.name);
      }

      ar('rcsDT', 'sub/built-in.o', 'sub/b.o', 'sub/c.o');
      t.same(members('sub/built-in.o'), [
        { kind: 'path', name: 'b.o' },
        { kind: 'path', name: 'c.o' },
      ]);
      // A thin archive that is added to a thin archive is replaced by its members; P keeps their whole paths.
      ar('rcsDTP', 'kvm.o', 'a.o', 'sub/built-in.o');
      t.same(
        members('kvm.o').map(({ name, kind }) => `${kind} ${name}`),
        ['path a.o', 'path sub/b.o', 'path sub/c.o'],
      );
    });
  },
);
