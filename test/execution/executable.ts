// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What patching needs of an ELF executable: its bytes by address, its sections and
// its symbols [gABI "Sections", "Symbol Table"]. A reader of its own, so that the
// test shares none with the program that it judges.

export interface Range {
  readonly address: number;
  readonly size: number;
}

export interface Executable {
  /** By name; addresses are below 2^32, machine.lds sees to that. */
  readonly sections: ReadonlyMap<string, Range>;
  readonly symbols: ReadonlyMap<string, number>;
  readonly u32: (address: number) => number;
  readonly s32: (address: number) => number;
  readonly u16: (address: number) => number;
  readonly u8: (address: number) => number;
  readonly u64: (address: number) => number;
  readonly s64: (address: number) => number;
}

const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;

export const readExecutable = (bytes: Uint8Array): Executable => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const half = (at: number) => view.getUint16(at, true);
  const word = (at: number) => view.getUint32(at, true);
  const long = (at: number) => Number(view.getBigUint64(at, true));
  const text = (at: number): string => {
    let end = at;
    while (bytes[end] !== 0) end++;
    return Buffer.from(bytes.subarray(at, end)).toString('latin1');
  };

  const [table, entrySize, count, namesIndex] = [long(0x28), half(0x3a), half(0x3c), half(0x3e)];
  const headers = Array.from({ length: count }, (_, i) => {
    const at = table + i * entrySize;
    return {
      ...{ name: word(at), type: word(at + 4), address: long(at + 16), offset: long(at + 24) },
      ...{ size: long(at + 32), link: word(at + 40) },
    };
  });
  const offsetOf = (section: number): number => {
    const header = headers[section];
    if (header === undefined) throw new RangeError(`no section ${section}`);
    return header.offset;
  };
  const names = offsetOf(namesIndex);
  const symbols = new Map<string, number>();
  for (const { type, offset, size, link } of headers) {
    if (type !== SHT_SYMTAB) continue;
    for (let at = offset; at < offset + size; at += 24)
      if (half(at + 6) !== 0) symbols.set(text(offsetOf(link) + word(at)), long(at + 8));
  }

  const loaded = headers.filter(({ type, address }) => address !== 0 && type !== SHT_NOBITS);
  const place = (address: number): number => {
    const home = loaded.find((header) => header.address <= address && address < header.address + header.size);
    if (home === undefined) throw new RangeError(`nothing at 0x${address.toString(16)}`);
    return home.offset + address - home.address;
  };
  return {
    sections: new Map(headers.map(({ name, address, size }) => [text(names + name), { address, size }])),
    symbols,
    u32: (address) => word(place(address)),
    s32: (address) => view.getInt32(place(address), true),
    u16: (address) => half(place(address)),
    u8: (address) => view.getUint8(place(address)),
    u64: (address) => long(place(address)),
    s64: (address) => Number(view.getBigInt64(place(address), true)),
  };
};
