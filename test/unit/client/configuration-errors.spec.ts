import { expect, it } from '@jest/globals';
import { clientMissing, unknownName } from '../../../lib/client/configuration-errors.js';

it('unknownName lists the known names, and the line to write', () => {
  expect(() => unknownName('target', 'shopp', ['shop', 'stock'])).toThrow(
    /client\.targets\.shopp is asked for, but the options know shop, stock[^]*targets: { "shopp"/,
  );
  expect(() => unknownName('client', 'billing', [])).toThrow(/know no client[^]*clients: { "billing"/);
});

it('clientMissing shows a whole client', () => {
  expect(() => clientMissing()).toThrow(/client is missing, but M2MClientService is used[^]*M2MModule\.forRoot\({/);
});
