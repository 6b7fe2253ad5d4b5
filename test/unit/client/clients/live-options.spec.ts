import { describe, expect, it } from '@jest/globals';
import { LiveOptions } from '../../../../lib/client/clients/live-options.js';
import type { M2MNamedClientOptions } from '../../../../lib/options/client-options.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { FoundClientOptions } from '../../../../lib/options/resolved-options.js';

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: { clientId: 'own', clientSecret: 'secret', clients: () => undefined },
});

/** What an answer of the function of `clients` is understood as. */
function answerOf(options: Partial<M2MNamedClientOptions> = {}): FoundClientOptions {
  const answer = { clientId: 'orders', clientSecret: () => 'first', ...options };
  const read = client?.clientResolver?.read('acme', answer);
  if (!read) throw new Error('nothing was read');
  return read;
}

describe('the live options of a client', () => {
  it('call the secret of the last answer', () => {
    const live = new LiveOptions(answerOf());
    expect(live.takes(answerOf({ clientSecret: () => 'second' }))).toBe(true);
    expect(live.client.clientSecret?.()).toBe('second');
  });

  it('take another scope, which only the next requests read', () => {
    const live = new LiveOptions(answerOf());
    expect(live.takes(answerOf({ scope: 'more' }))).toBe(true);
    expect([live.client.defaults, live.latest.defaults]).toMatchObject([{ scope: [] }, { scope: ['more'] }]);
  });

  it('take no answer of another id, of another time-out, or of a server that is reached in another way', () => {
    const live = new LiveOptions(answerOf());
    const before = live.latest;
    expect(live.takes(answerOf({ clientId: 'other' }))).toBe(false);
    expect(live.takes(answerOf({ timeout: 1234 }))).toBe(false);
    expect(live.takes({ ...answerOf(), isServerOwn: false })).toBe(false);
    expect(live.latest).toBe(before);
  });
});
