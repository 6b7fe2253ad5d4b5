import { describe, expect, it } from '@jest/globals';
import { Lanes } from '../../../../lib/resource-server/authentication/lanes.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

/** Look-ups that end when they are told to. */
class LookUps {
  readonly clock = new TestClock();
  readonly running: string[] = [];
  readonly results = new Map<string, unknown>();
  private readonly ends = new Map<string, (error?: Error) => void>();
  private readonly lanes = new Lanes({ most: 4, mostUnknown: 3, longestWait: 2000, mostWaiting: 5 }, this.clock);

  async start(lane: 'known' | 'unknown', ...names: string[]): Promise<void> {
    for (const name of names) {
      const lookUp = () =>
        new Promise<{ name: string }>((resolve, reject) => {
          this.running.push(name);
          this.ends.set(name, (error) => (error ? reject(error) : resolve({ name })));
        });
      void this.lanes.run(lane, lookUp).then(
        (result) => this.results.set(name, result),
        (error: unknown) => this.results.set(name, error),
      );
    }
    await this.clock.advance(0);
  }

  async end(name: string, error?: Error): Promise<void> {
    this.running.splice(this.running.indexOf(name), 1);
    this.ends.get(name)?.(error);
    await this.clock.advance(0);
  }
}

describe('Lanes', () => {
  it('run four look-ups at once, the last one for a known issuer only (claim 7.12)', async () => {
    const lookUps = new LookUps();
    await lookUps.start('unknown', 'a', 'b', 'c', 'd', 'e');
    expect(lookUps.running).toEqual(['a', 'b', 'c']);
    await lookUps.start('known', 'A', 'B');
    expect(lookUps.running).toEqual(['a', 'b', 'c', 'A']);
  });

  it('give known issuers their turn first, and then the others in order', async () => {
    const lookUps = new LookUps();
    await lookUps.start('unknown', 'a', 'b', 'c', 'd', 'e');
    await lookUps.start('known', 'A', 'B');
    await lookUps.end('a');
    expect(lookUps.running).toEqual(['b', 'c', 'A', 'B']);
    await lookUps.end('A');
    expect(lookUps.running).toEqual(['b', 'c', 'B']);
    await lookUps.end('b', new RangeError('failed'));
    expect(lookUps.running).toEqual(['c', 'B', 'd']);
    expect(lookUps.results.get('a')).toEqual({ name: 'a' });
    expect(lookUps.results.get('b')).toBeInstanceOf(RangeError);
  });

  it('let no more than their limit wait, in each lane for itself', async () => {
    const lookUps = new LookUps();
    await lookUps.start('unknown', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
    expect([...lookUps.results]).toEqual([['i', undefined]]);
    await lookUps.start('known', 'A', 'B', 'C', 'D', 'E', 'F', 'G');
    expect([...lookUps.results.keys()]).toEqual(['i', 'G']);
    expect(lookUps.running).toEqual(['a', 'b', 'c', 'A']);
  });

  it('let nobody wait for more than two seconds', async () => {
    const lookUps = new LookUps();
    await lookUps.start('unknown', 'a', 'b', 'c', 'd');
    await lookUps.clock.advance(1999);
    expect(lookUps.results.has('d')).toBe(false);
    await lookUps.clock.advance(1);
    expect([...lookUps.results]).toEqual([['d', undefined]]);
    await lookUps.end('a');
    await lookUps.start('unknown', 'e');
    expect(lookUps.running).toEqual(['b', 'c', 'e']);
  });
});
