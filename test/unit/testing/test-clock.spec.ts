import { expect, it } from '@jest/globals';
import { TestClock } from '../../../lib/testing/index.js';

it('fires timers in order, each at its own time, and not those that were cancelled', async () => {
  const clock = new TestClock(0);
  const fired: [string, number][] = [];
  const timer = (name: string, delay: number): (() => void) =>
    clock.after(delay, () => void fired.push([name, clock.wall()]));
  timer('late', 200);
  timer('early', 100);
  timer('never', 300);
  timer('cancelled', 150)();
  await clock.advance(250);
  expect(fired).toEqual([
    ['early', 100],
    ['late', 200],
  ]);
});

it('jumps with its wall clock only', async () => {
  const clock = new TestClock(1000);
  clock.jump(500);
  await clock.advance(1);
  expect([clock.wall(), clock.monotonic()]).toEqual([1501, 1]);
});

it('starts now where it is not told when', () => {
  expect(Math.abs(new TestClock().wall() - Date.now())).toBeLessThan(10_000);
});
