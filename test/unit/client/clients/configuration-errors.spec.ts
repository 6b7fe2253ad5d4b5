import { describe, expect, it } from '@jest/globals';
import { clientMissing, unknownName } from '../../../../lib/client/clients/configuration-errors.js';

function thrown(...[kind, name, known]: Parameters<typeof unknownName>): string {
  try {
    return unknownName(kind, name, known);
  } catch (error) {
    return (error as Error).message;
  }
}

describe('unknownName', () => {
  it('says which name is meant, which there are, and the line to write for a new one', () => {
    const message = thrown('target', 'Shopp', ['stock', 'shop']);
    expect(message).toContain('client.targets.Shopp is requested, but the options have stock, shop\n');
    expect(message).toContain('write: "shop"\n');
    expect(message).toContain(`or client: { targets: { "Shopp": { url: 'https://...' } } }`);
  });

  it('guesses none if no name is similar', () => {
    expect(thrown('client', 'billing', [])).toMatch(/have no client\n *write: client: { clients: { "billing": {/);
    expect(thrown('target', '\u5E97', ['shop'])).toMatch(/have shop\n *write: client: { targets: {/);
  });

  it('lists a few of many names, and finds the similar one among all', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `tenant-${index}-of-many`);
    const message = thrown('client', 'tenant-9876-of-mny', many);
    expect(message).toContain('tenant-4-of-many and 9995 more');
    expect(message).toContain('write: "tenant-9876-of-many"');
    expect(message.length).toBeLessThan(500);
  });

  it('keeps a name of somebody else in one line, and short', () => {
    expect(thrown('target', `shop\n${'x'.repeat(100_000)}`, ['shop'])).toMatch(/^ {2}client\.targets\.shop\?x{95} is/m);
  });

  it.each([
    [undefined, 'is missing'],
    [null, 'is null'],
    ['', 'is an empty string'],
    [7, 'is 7'],
  ])('says that %j is no name', (name, what) => {
    const message = thrown('target', name, ['shop']);
    expect(message).toContain(`client.targets are searched for a name that ${what}; the options have shop`);
    expect(message).toContain('write: "shop"');
  });
});

it('clientMissing shows a whole client', () => {
  expect(() => clientMissing()).toThrow(/client is missing, but M2MClientService is used[^]*M2MModule\.forRoot\({/);
});
