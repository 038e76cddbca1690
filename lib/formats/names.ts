// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The names that -fdiagnostics-format= takes, apart from the forms themselves, which
// are loaded only if there is something to print.

export const formatNames = ['text', 'json', 'modpost'] as const;

export type FormatName = (typeof formatNames)[number];

export const isFormatName = (name: string): name is FormatName => formatNames.some((one) => one === name);
