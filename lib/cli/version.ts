// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The program's version; a test holds it to package.json's.

export const version = '0.1.0';
