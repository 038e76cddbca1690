// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The order of many things by a number that each has. They are sorted as numbers
// that hold the key and the place of a thing, where there are such: then no function
// has to compare two of them.

/** Places that fit behind a key of 32 bits: numbers are exact below 2^53. */
const PLACES = 2 ** 21;

/** The places of `count` things, by key and, of equal keys, by place. Keys are not negative. */
export const sortedOrder = (count: number, key: (place: number) => number): Uint32Array => {
  const packed = new Float64Array(count);
  for (let place = 0; place < count; place++) packed[place] = key(place) * PLACES + place;
  packed.sort();
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place++) order[place] = (packed[place] as number) % PLACES;
  const isExact = count <= PLACES && (packed.at(-1) ?? 0) <= Number.MAX_SAFE_INTEGER;
  return isExact
    ? order
    : order.map((_, place) => place).sort((one, other) => key(one) - key(other) || one - other);
};
