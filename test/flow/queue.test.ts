// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// First in, first out, each item once.

import t from 'tap';
import { Queue } from '../../lib/flow/queue.js';

t.test('items leave in the order they were added, and an item that waits is not added again', async (t) => {
  const queue = new Queue<string>();
  t.equal(queue.first, undefined);
  for (const item of ['b', 'a', 'b', 'c']) queue.add(item);
  t.equal(queue.first, 'b');
  queue.add('b');
  queue.drop();
  queue.add('b');
  const order: (string | undefined)[] = [];
  for (; queue.first !== undefined; queue.drop()) order.push(queue.first);
  t.same(order, ['a', 'c', 'b']);
  queue.drop();
  queue.add('d');
  t.equal(queue.first, 'd', 'after it was empty');
});

t.test('thousands of items leave in order while others are added', async (t) => {
  const queue = new Queue<number>();
  for (let item = 0; item < 5000; item++) queue.add(item);
  let expected = 0;
  for (; queue.first !== undefined && expected < 20_000; expected++) {
    if (queue.first !== expected) t.fail(`${queue.first} instead of ${expected}`);
    queue.drop();
    queue.add(expected + 5000);
  }
  t.equal(expected, 20_000);
});
