// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The value of kernel functions that return whether a condition holds.

import t from 'tap';
import { evaluate, type Names } from '../../lib/c-source/expression.js';
import { answerOf, predicateIn } from '../../lib/c-source/predicate.js';

const names: Names = {
  isDefined: (name) => (name === 'MAYBE' ? null : name === 'YES'),
  textOf: (name) => (name === 'YES' ? '1' : null),
};
const holds = (expression: string): boolean | null => {
  const value = evaluate(expression, names);
  return value === null ? null : value !== 0n;
};

t.test('the value of a body of if and return is known, or unknown', async (t) => {
  for (const [body, expected] of [
    ['return 1;', true],
    ['return NO;', false],
    ['return MAYBE;', null],
    ['if (YES) return 1; return 0;', true],
    ['if (NO) return 1; return 0;', false],
    ['if (MAYBE) return 1; return 0;', null],
    ['if (MAYBE) return 1; return 1;', true],
    ['if (MAYBE) { return 1; } else { return 1; }', true],
    ['if (MAYBE) return 1; else return 0;', null],
    ['if (NO) return 1; else if (YES) return 0; return 1;', false],
    ['if (NO) if (YES) return 0; else return 0; return 1;', true],
    ['if ((YES) && (NO || MAYBE(1, 2))) return 1; return 0;', null],
    ['; { } { if (YES) ; } return 1;', true],
    ['if (MAYBE) { if (YES) return 1; } return 1;', true],
    ['return 1; return MAYBE;', true],
    // Not understood, or it can end without a return.
    ['', null],
    ['if (YES) return 1;', true],
    ['if (MAYBE) return 1;', null],
    ['int x = 1; return x;', null],
    ['warn("{"); return 1;', null],
    ['while (YES) return 1; return 1;', null],
    ['return;', null],
    ['return 1', null],
    ['if YES return 1;', null],
    ['if (YES return 1;', null],
    ['if (YES) { return 1;', null],
    ['} return 1;', null],
    ['return 1; }', null],
    ['else return 1;', null],
    [`${'{'.repeat(10_000)}return 1;${'}'.repeat(10_000)}`, null],
    [`${'if (YES) '.repeat(10_000)}return 1;`, null],
  ] as const)
    t.equal(answerOf(body, holds), expected, body.slice(0, 80));
});

t.test('the body of a function is found in a header, as the configuration compiles it', async (t) => {
  const body = (text: string) => predicateIn(text, 'asks', names)?.replace(/\s+/g, ' ').trim() ?? null;
  for (const [text, expected] of [
    ['bool asks(void) { return 1; }', 'return 1;'],
    [
      'bool asks(void);\nbool asks( void )\n{\n\tif (YES) { return 1; }\n\treturn 0;\n}\nint x;',
      'if (YES) { return 1; } return 0;',
    ],
    ['bool asks(void) { /* } */ return "}" + \'}\'; }', 'return "}" + \'}\';'],
    ['bool asks(void) {\n#if 0\nreturn 1;\n#else\nreturn 0;\n#endif\n}', 'return 0;'],
    ['bool asks(void) {\n#ifdef MAYBE\nreturn 1;\n#endif\nreturn 0;\n}', '? return 0;'],
    ['#ifdef YES\nbool asks(void) { return 1; }\n#else\nbool asks(void) { return 0; }\n#endif', 'return 1;'],
    ['#ifdef MAYBE\nbool asks(void) { return 1; }\n#else\nbool asks(void) { return 0; }\n#endif', null],
    ['/* */\n#ifndef GUARD\n#define GUARD\nbool asks(void) { return 1; }\n#endif', 'return 1;'],
    ['#ifndef MAYBE\n#define MAYBE\nbool asks(void) { return 1; }\n#endif', 'return 1;'],
    ['#define ANY\n#ifndef MAYBE\nbool asks(void) { return 1; }\n#endif', null],
    ['// bool asks(void) { return 1; }', null],
    ['bool asks(int x) { return 1; }', null],
    ['bool it_asks(void) { return 1; }', null],
    ['bool asks(void) { return 1; } bool asks(void) { return 0; }', null],
    ['bool asks(void) { return 1;', null],
  ] as const)
    t.equal(body(text), expected, text);
});
