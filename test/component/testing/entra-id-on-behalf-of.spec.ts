import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TestAuthorizationServer, type TestTokenOptions } from '../../../lib/testing/index.js';
import { exchange, TOKEN_EXCHANGE, type ExchangeParameters } from './exchange.js';

const ORDERS = 'api://orders';
const PRODUCTS = 'https://products.example';

let server: TestAuthorizationServer;
beforeEach(async () => {
  server = await TestAuthorizationServer.start({
    dialect: 'entraId',
    signingAlg: 'ES256',
    clients: { web: 'w', orders: 's3cret', stock: 's', off: { secret: 'x', tokenExchange: false } },
    resources: { [PRODUCTS]: ['products.read', 'products.write'], [ORDERS]: ['orders.read'] },
  });
});
afterEach(() => server.stop());

function userToken(options: TestTokenOptions = {}): Promise<string> {
  return server.mint({ clientId: 'web', user: 'anna', audience: ORDERS, ...options });
}

async function request(changes: ExchangeParameters = {}): Promise<ExchangeParameters> {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    assertion: await userToken(),
    scope: `${PRODUCTS}/.default`,
    ...changes,
  };
}

describe('the on-behalf-of flow in the dialect entraId', () => {
  it("gives the user's token to the client, with the scopes of the API", async () => {
    const { status, body, claims } = await exchange(server, await request());
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { expires_in: 3599, scope: `${PRODUCTS}/products.read ${PRODUCTS}/products.write` },
    });
    const scp = 'products.read products.write';
    const user = { oid: 'anna', sub: decodeJwt(await userToken()).sub };
    expect(claims).toMatchObject({ ...user, aud: PRODUCTS, azp: 'orders', scp });
    for (const name of ['roles', 'idtyp', 'act']) expect(claims).not.toHaveProperty(name);
  });

  it('takes the first API for that of a client by whose id none is named', async () => {
    const assertion = await userToken({ audience: PRODUCTS });
    const parameters = await request({ assertion, scope: `${ORDERS}/.default` });
    expect(await exchange(server, parameters, 'stock:s')).toMatchObject({ status: 200, claims: { aud: ORDERS } });
  });

  const refusals: [string, string, number, () => Promise<ExchangeParameters>, string?][] = [
    [
      "a machine's token",
      'invalid_grant',
      7000114,
      async () => request({ assertion: await server.mint({ clientId: 'web', audience: ORDERS }) }),
    ],
    [
      'a token for another API than its own',
      'invalid_grant',
      500131,
      async () => request({ assertion: await userToken({ audience: PRODUCTS }) }),
    ],
    ['an assertion that is none', 'invalid_grant', 50013, () => request({ assertion: 'nonsense' })],
    [
      'an assertion that has expired',
      'invalid_grant',
      50013,
      async () => request({ assertion: await userToken({ expiresIn: -1000 }) }),
    ],
    [
      'a client without consent',
      'invalid_grant',
      65001,
      async () => {
        return request({ assertion: await userToken({ audience: PRODUCTS }) });
      },
      'off:x',
    ],
    ['no assertion', 'invalid_request', 900144, () => request({ assertion: undefined })],
    ['no requested_token_use', 'invalid_request', 900144, () => request({ requested_token_use: undefined })],
    ['no scope', 'invalid_request', 900144, () => request({ scope: undefined })],
    ['a scope that is not .default', 'invalid_scope', 1002012, () => request({ scope: `${PRODUCTS}/products.read` })],
    ['an unknown resource', 'invalid_resource', 500011, () => request({ scope: 'api://unknown/.default' })],
    ['another use', 'unsupported_grant_type', 90000, () => request({ requested_token_use: 'other' })],
    ['the grant of RFC 8693', 'unsupported_grant_type', 90000, () => request({ grant_type: TOKEN_EXCHANGE })],
  ];

  it.each(refusals)('refuses %s: %s, %i', async (_what, error, code, parameters, basic = 'orders:s3cret') => {
    const answer = await exchange(server, await parameters(), basic);
    const error_description = expect.stringMatching(`^AADSTS${code}: `);
    expect(answer).toMatchObject({ status: 400, body: { error, error_codes: [code], error_description } });
  });

  it('logs no assertion (claim 8.6)', async () => {
    const parameters = await request();
    await exchange(server, parameters);
    const printed = JSON.stringify(server.requests());
    expect(printed).toContain(`"assertion":"[redacted]"`);
    expect(printed).not.toContain(String(parameters['assertion']));
  });
});
