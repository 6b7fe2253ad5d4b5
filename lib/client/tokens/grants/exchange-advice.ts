import type { TokenErrorAnswer } from '../../../authorization-servers/authorization-server.js';

/** By what servers write, the first that fits. */
const BY_TEXT: readonly (readonly [RegExp, string])[] = [
  [
    /standard token exchange is not enabled/i,
    'Switch "Standard token exchange" on for this client at Keycloak; the client must be confidential.',
  ],
  [
    /not within the token audience|client is not.*audience/i,
    "The caller's token must name this client in aud: give the caller an audience mapper for it.",
  ],
  [/audience.*not available|requested audience/i, 'The client has no mapper or scope for that audience: grant it one.'],
  [/audience not found/i, 'No client has this id: audience names the client of the called service.'],
  [/grant type is not allowed/i, 'Allow this client to exchange tokens.'],
  [/AADSTS65001|consent/i, 'Grant admin consent for the delegated permissions of this client.'],
];

const BY_ERROR: ReadonlyMap<string, string> = new Map([
  [
    'invalid_target',
    'Check audience or resource: it must be, to the letter, an API that the server knows (RFC 8693, section 2.2.2).',
  ],
  ['unauthorized_client', 'Allow this client to exchange tokens.'],
  ['unsupported_grant_type', 'Switch token exchange on at the authorization server.'],
  [
    'access_denied',
    'Allow this client to exchange tokens for that API. Some servers need the client in aud of the token of the caller.',
  ],
  [
    'invalid_request',
    "The server does not take the caller's token, or a parameter: it may be expired, revoked, or not meant for this client.",
  ],
  ['invalid_grant', "The server does not take the caller's token: it may be expired, revoked, or not a user's."],
]);

/** What to look at after an exchange was refused; empty if that is not known. @param server its name */
export function exchangeAdvice(
  { error = '', errorDescription = '' }: TokenErrorAnswer,
  server: string,
): string | undefined {
  const found = BY_TEXT.find(([text]) => text.test(errorDescription))?.[1] ?? BY_ERROR.get(error);
  return (
    found ??
    (error === 'invalid_client' && server === 'Keycloak'
      ? 'Check audience, and the credentials of this client.'
      : undefined)
  );
}
