import type { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { ask, type TokenAnswer } from './ask.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT = 'urn:ietf:params:oauth:token-type:jwt';
export const REFRESH_TOKEN = 'urn:ietf:params:oauth:token-type:refresh_token';

export type ExchangeParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Asks for a token with parameters that may be repeated; `undefined` leaves one out. */
export async function exchange(
  server: TestAuthorizationServer,
  parameters: ExchangeParameters,
  basic: string | null = 'orders:s3cret',
): Promise<TokenAnswer> {
  const pairs = Object.entries(parameters).flatMap(([name, values = []]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  return ask(server, { basic, parameters: pairs });
}
