import { beforeEach, describe, expect, it } from '@jest/globals';
import { LimitedLog, type RepeatableLine } from '../../../lib/events/limited-log.js';
import { LOG_IDS, type LogId } from '../../../lib/events/log-ids.js';
import { LogLine, type LogField } from '../../../lib/events/log-line.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const line = (subject: string, reason = 'expired', text = `${subject} ${reason}`): RepeatableLine => ({
  id: LOG_IDS.KEY_SET_FAILS,
  level: 'warn',
  subject,
  reason,
  text,
  fields: { handler: subject },
});

describe('LimitedLog', () => {
  let clock: TestClock;
  let written: object[];
  let log: LimitedLog;
  const texts = (): string[] => written.splice(0).map(String);

  beforeEach(() => {
    clock = new TestClock();
    written = [];
    const keep = (_id: LogId, text: string, fields: Readonly<Record<string, LogField>> = {}): void =>
      void written.push(new LogLine(text, fields));
    log = new LimitedLog({ debug: keep, warn: keep, error: keep }, clock);
  });

  it('writes the first line of a subject and reason at once, and of the others a count when the minute is over', async () => {
    for (const index of Array(50).keys()) log.write(line('Api.read', 'expired', `line ${index}`));
    log.write(line('Api.read', 'signature'));
    log.write(line('Api.write'));
    expect(texts()).toEqual(['line 0', 'Api.read signature', 'Api.write expired']);
    await clock.advance(59_999);
    expect(written).toEqual([]);
    await clock.advance(1);
    expect(written[0]).toMatchObject({ reason: 'expired', handler: 'Api.read', repeated: 49 });
    expect(texts()).toEqual(['line 49 (the last of 49 more in the last minute)']);
  });

  it('writes one line a minute while they come, and the next one at once after a minute without any', async () => {
    log.write(line('a'));
    for (const _minute of Array(3).keys()) {
      log.write(line('a'));
      log.write(line('a'));
      await clock.advance(60_000);
    }
    expect(texts()).toEqual(['a expired', ...Array(3).fill('a expired (the last of 2 more in the last minute)')]);
    await clock.advance(60_000);
    expect(texts()).toEqual([]);
    log.write(line('a'));
    expect(texts()).toEqual(['a expired']);
  });

  it('writes what it has counted when it is closed, and leaves no timer behind', async () => {
    log.write(line('a'));
    log.write(line('b'));
    log.write(line('b'));
    texts();
    log.close();
    expect(texts()).toEqual(['b expired (once more in the last minute)']);
    await clock.advance(600_000);
    log.write(line('b'));
    await clock.advance(600_000);
    expect(texts()).toEqual(['b expired']);
  });

  it('keeps 1,000 subjects and reasons apart, and counts all others together (claim 7.11)', async () => {
    for (const index of Array(5000).keys()) log.write(line(`handler ${index}`));
    expect(texts()).toHaveLength(1001);
    await clock.advance(60_000);
    expect(texts()).toEqual(['handler 4999 expired (the last of 3999 more of many kinds in the last minute)']);
    await clock.advance(60_000);
    log.write(line('handler 4999'));
    expect(texts()).toEqual(['handler 4999 expired']);
  });

  it('cuts a line after 2,000 characters', () => {
    log.write(line('a', 'expired', 'b'.repeat(2001)));
    expect(texts()).toEqual([`${'b'.repeat(2000)}...`]);
  });
});
