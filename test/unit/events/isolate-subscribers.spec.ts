import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, map, Subject, toArray, type Observable } from 'rxjs';
import { isolateSubscribers } from '../../../lib/events/isolate-subscribers.js';

function isolated() {
  const source = new Subject<number>();
  const reports: unknown[] = [];
  return { source, reports, events$: isolateSubscribers(source, (thrown) => reports.push(thrown)) };
}

const failure = new Error('no');
const fail = (): never => {
  throw failure;
};

// Typed as users write it: an async function where nothing awaits it.
const rejecting = (() => Promise.reject(failure)) as () => void;

describe('isolateSubscribers', () => {
  it.each<[string, (events$: Observable<number>) => unknown]>([
    ['that throws', (events$) => events$.subscribe(fail)],
    ['whose next throws', (events$) => events$.subscribe({ next: fail })],
    ['whose promise is rejected', (events$) => events$.subscribe(rejecting)],
    ['behind operators', (events$) => events$.pipe(filter((event) => event > 0)).subscribe(fail)],
    ['with an operator that throws', (events$) => events$.pipe(map(fail)).subscribe()],
    ['with an error function that throws', (events$) => events$.pipe(map(fail)).subscribe({ error: fail })],
    ['whose complete throws', (events$) => events$.subscribe({ complete: fail })],
  ])('reports a subscriber %s once, and serves the others', async (_name, subscribe) => {
    const { source, reports, events$ } = isolated();
    subscribe(events$);
    const others: number[] = [];
    events$.subscribe((event) => others.push(event));
    source.next(1);
    source.next(2);
    source.complete();
    await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(others).toEqual([1, 2]);
    expect(reports).toEqual([failure]);
  });

  it('keeps what observables do: errors, values, the end of a subscription', async () => {
    const { source, reports, events$ } = isolated();
    const errors: unknown[] = [];
    events$.pipe(map(fail)).subscribe({ error: (error) => errors.push(error) });
    const all = firstValueFrom(events$.pipe(toArray()));
    const some: number[] = [];
    const subscription = events$.subscribe((event) => some.push(event));
    source.next(1);
    subscription.unsubscribe();
    source.next(2);
    source.complete();
    expect(await all).toEqual([1, 2]);
    expect([some, errors, reports]).toEqual([[1], [failure], []]);
    expect(source.observed).toBe(false);
  });
});
