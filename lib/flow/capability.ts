// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What is known of the CPU capabilities on a machine without VHE while KVM runs:
// the VHE capability is off, and so are those with which KVM refuses to start
// there; arm64_const_caps_ready is on (setup_cpu_features() is done long before
// KVM starts), and so is the capability that every system has from 6.1 on. All
// others may be on or off.
//
// Code asks for a capability in three forms: a static key that a branch tests,
// the same key read as a counter (JUMP_LABEL=n), and a bit of cpu_hwcaps.

import type { AddressSpace } from '../code/address-space.js';
import type { PatchTables } from '../code/patch-tables.js';
import { relocationsOf } from '../code/relocations.js';
import { Cursor } from '../elf/cursor.js';
import type { ObjectFile } from '../elf/object-file.js';
import type { Image } from '../link/image.js';
import { type Address, ALL, constant, makeBits, type Value } from './values.js';

/** Numbers of capabilities, as the headers of the build give them. */
export interface CapabilityNumbers {
  /** ARM64_HAS_VIRT_HOST_EXTN; null: not known. */
  readonly vhe: number | null;
  /** ARM64_ALWAYS_SYSTEM, from 6.1 on. */
  readonly always: number | null;
  /** ARM64_NCAPS. */
  readonly count: number | null;
  /** Capabilities with which KVM does not start on a machine without VHE: off whenever hyp code runs. */
  readonly needVhe: readonly number[];
}

export const unknownNumbers: CapabilityNumbers = { vhe: null, always: null, count: null, needVhe: [] };

/** From asm/cpucaps.h, or the generated header that replaced it (from 5.13 on; cpucap-defs.h from 6.7 on). */
export const numbersOfHeader = (text: string, needVhe: readonly string[] = []): CapabilityNumbers => {
  const number = (name: string): number | null => {
    const match = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}[ \\t]+(\\d+)\\s*(?:/[*/].*)?$`, 'm').exec(
      text,
    );
    return match ? Number(match[1]) : null;
  };
  return {
    vhe: number('ARM64_HAS_VIRT_HOST_EXTN'),
    always: number('ARM64_ALWAYS_SYSTEM'),
    count: number('ARM64_NCAPS'),
    needVhe: needVhe.flatMap((name) => number(name) ?? []),
  };
};

/** What a variable of the kernel holds. */
type Variable = 'keys' | 'bits' | 'ready';

const variableNames: readonly (readonly [string, Variable])[] = [
  ['cpu_hwcap_keys', 'keys'],
  ['cpu_hwcaps', 'bits'],
  ['arm64_const_caps_ready', 'ready'],
];

/** struct static_key: if keys are branches, a union follows the counter. */
const KEY_SIZE_WITH_TABLE = 16;
const KEY_SIZE = 4;

/**
 * Which machines are meant: those without VHE; those without any capability except the one that all have; any, where
 * VHE is as unknown as the others; or any at any time, where nothing at all is settled yet.
 */
export type Machines = 'without-vhe' | 'without-any' | 'any' | 'any-at-any-time';

export class Capabilities {
  readonly numbers: CapabilityNumbers;
  readonly machines: Machines;
  readonly #space: AddressSpace;
  readonly #keySize: number;
  readonly #starts: ReadonlyMap<Address, Variable>;
  /** The variables by region. There are only three, so an address is compared with few. */
  readonly #inRegion = new Map<number, readonly (readonly [Address, Variable])[]>();

  constructor(space: AddressSpace, tables: PatchTables, numbers: CapabilityNumbers, machines: Machines) {
    this.numbers = numbers;
    this.#space = space;
    this.#keySize = tables.hasKeyTable ? KEY_SIZE_WITH_TABLE : KEY_SIZE;
    this.machines = machines;
    this.#starts = findVariables(space);
    for (const [start, variable] of this.#starts) {
      const region = space.regionOf(start);
      this.#inRegion.set(region, [...(this.#inRegion.get(region) ?? []), [start, variable]]);
    }
  }

  /** Hyp code surely runs at EL2, where the host's kernel does not. */
  get isApart(): boolean {
    return this.machines === 'without-vhe' || this.machines === 'without-any';
  }

  /** true: on; false: off; null: not known. */
  stateOf(capability: number | null): boolean | null {
    if (capability === null || this.machines === 'any-at-any-time') return null;
    if (capability === this.numbers.always) return true;
    if (this.machines === 'without-any') return false;
    if (this.machines !== 'without-vhe') return null;
    return capability === this.numbers.vhe || this.numbers.needVhe.includes(capability) ? false : null;
  }

  /** The state of the static key at an address. */
  stateOfKey(key: Address): boolean | null {
    const found = this.#variableAt(key);
    if (found?.variable === 'ready')
      return found.offset === 0 && this.machines !== 'any-at-any-time' ? true : null;
    if (found?.variable !== 'keys' || found.offset % this.#keySize !== 0) return null;
    return this.stateOf(found.offset / this.#keySize);
  }

  /** The result of a load of `size` bytes from memory, zero-extended; null: anything. */
  load(address: Address, size: number): Value {
    const found = this.#variableAt(address);
    if (!found) return null;
    switch (found.variable) {
      case 'ready':
      case 'keys': {
        // The counter is the first field; enabling sets it to 1.
        const key = found.variable === 'ready' ? found.offset : found.offset % this.#keySize;
        if (key !== 0 || size !== 4) return null;
        const state = this.stateOfKey(address);
        return state === null ? null : constant(state ? 1n : 0n);
      }
      case 'bits': {
        const first = found.offset * 8;
        const { vhe, always, needVhe } = this.numbers;
        const within = (capability: number | null): bigint =>
          capability !== null && capability >= first && capability < first + size * 8
            ? 1n << BigInt(capability - first)
            : 0n;
        const off = [vhe, ...needVhe].filter((one) => this.stateOf(one) === false);
        const zeros =
          this.machines === 'without-any'
            ? ALL ^ within(always)
            : off.reduce((bits, one) => bits | within(one), 0n);
        const above = size < 8 ? ALL ^ ((1n << BigInt(size * 8)) - 1n) : 0n;
        return makeBits(zeros | above, this.stateOf(always) === true ? within(always) : 0n);
      }
      default:
        return found.variable satisfies never;
    }
  }

  /** Whether what is there may tell of a capability that is off without VHE. */
  tellsOfVhe(address: Address): boolean {
    const found = this.#variableAt(address);
    return found?.variable === 'bits' || (found?.variable === 'keys' && this.stateOfKey(address) !== true);
  }

  /** The variable of the kernel at an address, for messages: cpu_hwcap_keys+0xb0. */
  describe(address: Address): string | null {
    const found = this.#variableAt(address);
    if (!found) return null;
    const name = variableNames.find(([, variable]) => variable === found.variable)?.[0] ?? '';
    return found.offset === 0 ? name : `${name}+0x${found.offset.toString(16)}`;
  }

  #variableAt(address: Address): { readonly variable: Variable; readonly offset: number } | null {
    let best: { readonly variable: Variable; readonly offset: number } | null = null;
    for (const [start, variable] of this.#inRegion.get(this.#space.regionOf(address)) ?? []) {
      const offset = address - start;
      if (offset >= 0 && offset < this.#sizeOf(variable) && (!best || offset < best.offset)) {
        best = { variable, offset };
      }
    }
    return best;
  }

  #sizeOf(variable: Variable): number {
    const count = this.numbers.count ?? MAX_CAPABILITIES;
    switch (variable) {
      case 'ready':
        return 4;
      case 'keys':
        return count * this.#keySize;
      case 'bits':
        return Math.ceil(count / 64) * 8;
      default:
        return variable satisfies never;
    }
  }
}

/** More than any kernel has. Bounds the variables if no header gives their length. */
const MAX_CAPABILITIES = 256;

const findVariables = (space: AddressSpace): ReadonlyMap<Address, Variable> => {
  const names = variableNames.map(([name]) => name);
  const starts = new Map<Address, Variable>();
  for (const [name, variable] of variableNames) starts.set(space.addressOfName(name), variable);
  for (const object of space.image.objects) {
    for (const [name, symbol] of object.symbols.globalsNamed(names)) {
      const variable = variableNames.find(([known]) => known === name)?.[1];
      if (variable) starts.set(space.targetOf(object, symbol, 0), variable);
    }
  }
  return starts;
};

const FEATURE_NAME = 'Virtualization Host Extensions';
/** struct arm64_cpu_capabilities: const char *desc, u16 capability, ..., matches (4.16: at 16). */
const CAPABILITY_OFFSET = 8;
const MATCHES_OFFSET = 16;

/**
 * VHE's number from the kernel's own table of features: the entry with VHE's description whose test is
 * runs_at_el2(). Anything less would be a guess. Only an input that contains arch/arm64/kernel/cpufeature.c has it.
 */
export const inferVheNumber = (image: Image): number | null => {
  const found = new Set(image.objects.flatMap((object) => [...vheNumbersIn(object)]));
  const [number] = found;
  return found.size === 1 && number !== undefined ? number : null;
};

function* vheNumbersIn(object: ObjectFile): Generator<number> {
  const { symbols } = object;
  const table = localNamed(object, 'arm64_features');
  const test = localNamed(object, 'runs_at_el2');
  if (table === null || test === null) return;
  const section = object.sections[symbols.section(table)];
  if (!section) return;
  const start = symbols.value(table);
  const end = start + symbols.size(table);
  const targets = new Map<number, { readonly section: number; readonly offset: number }>();
  for (const { offset, symbol, addend } of relocationsOf(object, section).within(start, end)) {
    targets.set(offset, { section: symbols.section(symbol), offset: symbols.value(symbol) + addend });
  }
  for (const [offset, target] of targets) {
    const isTest = target.section === symbols.section(test) && target.offset === symbols.value(test);
    const entry = offset - MATCHES_OFFSET;
    const description = targets.get(entry);
    if (!isTest || !description) continue;
    const strings = object.sections[description.section];
    if (!strings) continue;
    const wanted = Buffer.from(`${FEATURE_NAME}\0`, 'latin1');
    if (description.offset + wanted.length > object.sizeOf(strings)) continue;
    if (!wanted.equals(object.read(strings, description.offset, wanted.length))) continue;
    const at = entry + CAPABILITY_OFFSET;
    yield new Cursor(object.read(section, at, 2), {
      file: object.path,
      section: section.name,
      base: at,
    }).u16();
  }
}

const localNamed = (object: ObjectFile, name: string): number | null =>
  object.symbols.withPrefix(name).find((symbol) => object.symbols.name(symbol) === name) ?? null;
