// What callers do in a soak: every way to call, with bodies that break and callers that give up.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which a call counts as hanging: a token, a target's answer, and both again. */
export const HANGING = 20_000;

export function createCalls(random) {
  const scope = () => (random.chance(0.05) ? 'forbidden' : `read:${random.below(12)}`);
  const signal = () => (random.chance(0.2) ? AbortSignal.timeout(random.below(400)) : undefined);
  const m2m = () => (random.chance(0.3) ? { scope: scope() } : undefined);
  return {
    'get of a target': (client) => client.for('products').get('/items', { m2m: m2m(), signal: signal() }),
    'get of the other client': (client) => client.client('billing').for('invoices').get('/items'),
    'get by URL': (client, { target }) => client.http.get(`${target}/api/items`, { signal: signal() }),
    'get through the fetch adapter': (client) => client.for('products').get('/items', { adapter: 'fetch' }),
    'post of an object': (client) => client.for('products').post('/items', { name: 'apple' }, { m2m: m2m() }),
    'post of a stream': (client) => client.for('products').post('/items', Readable.from(['a', 'b', 'c'])),
    'post of a file that is missing': (client) => client.for('products').post('/items', createReadStream('/missing')),
    'post of a stream that is destroyed': (client) => {
      const body = new Readable({ read: () => undefined });
      body.push('begun');
      setTimeout(() => body.destroy(random.chance(0.5) ? new Error('the source broke') : undefined), random.below(100));
      return client.for('products').post('/items', body);
    },
    'large answer as a stream': async (client) => {
      const { data } = await observed(client.for('products').get('/large', { responseType: 'stream' }));
      data.on('error', () => undefined);
      const timer = setTimeout(() => data.destroy(), random.chance(0.3) ? 5 : 2500);
      for await (const chunk of data) if (chunk.length === 0) break;
      clearTimeout(timer);
    },
    fetch: async (client) => (await client.fetch('/items', { signal: signal() }, { target: 'products' })).text(),
    'fetch that posts a web stream': async (client) => {
      const body = Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')]));
      const init = { method: 'POST', body, duplex: 'half', signal: signal() };
      await (await client.fetch('/items', init, { target: 'products' })).text();
    },
    'fetch that is not read': async (client) => {
      const response = await client.fetch('/large', {}, { target: 'products' });
      await response.body?.cancel();
    },
    getToken: (client) => client.getToken({ scope: scope(), signal: signal() }),
    invalidate: (client) => client.invalidate({ target: 'products' }),
  };
}

/** Subscribes to what `HttpService` returns, and waits for a promise. */
function observed(result) {
  if (typeof result?.subscribe !== 'function') return Promise.resolve(result);
  return new Promise((resolve, reject) => result.subscribe({ next: resolve, error: reject }));
}

/** One caller after the other, until the time is up. What went wrong is noted. */
export async function callUntil(ends, random, clients, context, notes) {
  const calls = Object.entries(createCalls(random));
  while (Date.now() < ends) {
    const [name, call] = random.of(calls);
    notes.calls += 1;
    const started = Date.now();
    const hanging = setTimeout(() => notes.faults.push(`hangs: ${name}`), HANGING);
    try {
      await observed(call(random.of(clients), context));
      notes.succeeded += 1;
    } catch (error) {
      const kind = kindOf(error);
      notes.failed.set(kind, (notes.failed.get(kind) ?? 0) + 1);
      if (!isExpected(error)) notes.faults.push(`unexpected: ${name}: ${error?.stack ?? error}`);
    } finally {
      clearTimeout(hanging);
    }
    notes.longest = Math.max(notes.longest, Date.now() - started);
    await sleep(random.below(20));
  }
}

function kindOf(error) {
  return [error?.name, error?.code ?? error?.cause?.code].filter((part) => part !== undefined).join(' ');
}

/** An error that says what went wrong, as opposed to one of code that did not expect it. */
function isExpected(error) {
  if (error?.isAxiosError || error?.code?.startsWith?.('ERR_M2M_')) return true;
  if (['AbortError', 'TimeoutError', 'CanceledError'].includes(error?.name)) return true;
  if (['ENOENT', 'ECONNRESET', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(error?.code))
    return true;
  if (error?.message === 'the source broke') return true;
  return error?.name === 'TypeError' && ['fetch failed', 'terminated'].includes(error.message);
}
