// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The end of dist/hypcheck; bin/build.js puts `program` in front of it, a function that
// holds the program as a comment. So V8 reads past it where Node compiles this file,
// and compiles it here: from what bin/compile-cache.js left in hypcheck.cache beside
// it, where that is of this program and V8 takes it for one of its own version and
// flags. Without it, or with another one, the program starts some 20 ms later and
// does the same.

/* global program */
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

// A check is over in a moment, and V8 up to 11 (Node 18 and 20) spends as long again on optimising functions that have
// hardly been seen, and then on taking it back: it shall wait for what runs long. Later ones have a compiler between, and
// no such flags. They stand here because compiled code is of the flags that it was compiled under.
if (Number.parseInt(process.versions.v8, 10) < 12) {
  const { setFlagsFromString } = require('node:v8');
  setFlagsFromString('--ticks-before-optimization=50');
  setFlagsFromString('--max-bytecode-size-for-early-opt=0');
  // Garbage is collected when there is two fifths as much as of what is used, not three times as much: a large link takes
  // a fifth less memory for a twentieth more time. A kernel's check is over before.
  setFlagsFromString('--heap-growing-percent=40');
}

/** The program's SHA-256, at the end of a cache that is of it. */
const HASH = '@HASH@';

const readCache = () => {
  try {
    const cache = readFileSync(`${__filename}.cache`);
    const end = cache.length - HASH.length;
    return end > 0 && cache.toString('latin1', end) === HASH ? cache.subarray(0, end) : undefined;
  } catch {
    return undefined;
  }
};

/** The program as a function of `require`. Its text is a part of this file's, which V8 has: nothing is read or copied. */
const compile = (cachedData) => {
  const text = String(program);
  const body = text.slice(text.indexOf('//') + 2, text.lastIndexOf('\n'));
  return new Script(body, { filename: __filename, cachedData });
};

if (require.main === module) compile(readCache()).runInThisContext()(require);
else module.exports = { compile, HASH };
