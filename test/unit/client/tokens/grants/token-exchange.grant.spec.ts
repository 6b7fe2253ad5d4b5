import { describe, expect, it } from '@jest/globals';
import type { ExchangeParameters } from '../../../../../lib/client/tokens/grants/exchange-parameters.js';
import { onBehalfOf } from '../../../../../lib/client/tokens/grants/on-behalf-of.grant.js';
import { tokenExchange } from '../../../../../lib/client/tokens/grants/token-exchange.grant.js';
import { callerOf } from '../../../../support/caller.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const { authorizationServer } = resolvedClient();

function request(changes: Partial<ExchangeParameters> = {}): ExchangeParameters {
  return {
    ...asking({ audience: 'shop', parameters: { subject_token: 'mine', assertion: 'mine' } }),
    subject: { value: 'the-subject-token', caller: callerOf({ clientId: 'website' }) },
    actor: undefined,
    exchange: { requestedTokenType: undefined, subjectTokenType: 'urn:type', actor: 'none', audience: undefined },
    expectedAudience: ['shop'],
    ...changes,
  };
}

describe.each([
  ['tokenExchange', tokenExchange, 'subject_token'],
  ['onBehalfOf', onBehalfOf, 'assertion'],
] as const)('%s', (_, grantOf, parameter) => {
  it('makes a grant whose tokens are for the caller alone: not renewed ahead, and not shared (claim 1.26)', () => {
    const grant = grantOf(authorizationServer, request());
    expect(grant).toMatchObject({ renewsAhead: false, isShareable: false, expectedAudience: ['shop'] });
    expect(grant.caller).toBe('["http://127.0.0.1:1","website"]');
  });

  it('presents the token of the caller, whatever the options say', () => {
    const grant = grantOf(authorizationServer, request());
    expect(grant.parameters()).toMatchObject({ audience: 'shop', [parameter]: 'the-subject-token' });
  });

  it('shows the token in nothing that events and messages have (claim 2.1)', () => {
    const { requested, caller } = grantOf(authorizationServer, request({ actor: 'the-actor-token' }));
    expect(JSON.stringify([requested, caller])).not.toMatch(/the-subject-token|the-actor-token/);
  });
});
