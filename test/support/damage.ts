// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Files cut short and files with one byte changed.

export interface Damaged {
  /** What was done, for messages. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Cut after every `step`th byte, beginning with an empty file. */
export function* cuts(bytes: Uint8Array, step = 1): Generator<Damaged> {
  for (let length = 0; length < bytes.length; length += step) {
    yield { what: `cut to ${length} bytes`, bytes: bytes.slice(0, length) };
  }
}

/** Every `step`th byte changed, once with each mask. */
export function* flips(bytes: Uint8Array, step = 1, masks: readonly number[] = [0xff]): Generator<Damaged> {
  for (let at = 0; at < bytes.length; at += step) {
    for (const mask of masks) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ mask;
      yield { what: `byte ${at} xor 0x${mask.toString(16)}`, bytes: changed };
    }
  }
}
