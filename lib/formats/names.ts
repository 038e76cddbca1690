// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The names that -fdiagnostics-format= and --report take, apart from the forms themselves,
// which are loaded when there is something to print.

export const formatNames = ['text', 'json', 'sarif', 'gitlab', 'modpost'] as const;

export type FormatName = (typeof formatNames)[number];

export const isFormatName = (name: string): name is FormatName => formatNames.some((one) => one === name);

/** The forms of --report, which may stand beside any of those. */
export const reportNames = ['json', 'sarif', 'gitlab', 'html'] as const;

export type ReportName = (typeof reportNames)[number];

export const isReportName = (name: string): name is ReportName => reportNames.some((one) => one === name);
