// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The forms that -fdiagnostics-format= can ask for. A new form is a file and a row.

import type { Formatter } from './formatter.js';
import { json } from './json.js';
import { modpost } from './modpost.js';
import { text } from './text.js';

export const formats = { text, json, modpost } as const satisfies Record<string, Formatter>;

export type FormatName = keyof typeof formats;

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(formats, name);
