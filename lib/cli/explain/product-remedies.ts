import { shellWord } from '../checks/shell-word.js';

/** How the caller asks for a token for an API, by the product. */
const REQUESTS: ReadonlyMap<string, (audience: string) => string> = new Map<string, (audience: string) => string>([
  ['auth0', (audience) => `M2M_AUDIENCE=${shellWord(audience)}`],
  ['hydra', (audience) => `M2M_AUDIENCE=${shellWord(audience)}`],
  ['logto', (audience) => `M2M_RESOURCE=${shellWord(audience)}`],
  ['entra-id', (audience) => `M2M_SCOPE=${shellWord(`${audience}/.default`)}`],
  ['cognito', (audience) => `M2M_SCOPE=${shellWord(`${audience}/...`)}`],
  ['zitadel', (audience) => `M2M_SCOPE=${shellWord(`openid urn:zitadel:iam:org:project:id:${audience}:aud`)}`],
  ['keycloak', (audience) => `an audience mapper for ${audience} in a client scope of the caller`],
  ['okta', (audience) => `M2M_ISSUER=... # the authorization server whose audience is ${audience}`],
  ['spring', () => 'M2M_API_AUDIENCE=none # with M2M_API_CLIENTS: tokens of Spring name no API'],
]);

/** What makes a product write JWTs in place of opaque tokens. */
const JWTS: ReadonlyMap<string, string> = new Map([
  ['zitadel', 'Access Token Type: JWT # of the service account of the caller'],
  ['hydra', 'strategies: { access_token: jwt } # in the configuration of Hydra'],
]);

/** The lines for the environment of the caller that ask for a token for an API. */
export function audienceLines(provider: string, [audience = 'https://my-api']: readonly string[]): readonly string[] {
  const request = REQUESTS.get(provider);
  if (request) return [`${request(audience)} # for the caller`];
  const word = shellWord(audience);
  return [`M2M_AUDIENCE=${word} # for the caller`, `M2M_RESOURCE=${word} # if the server takes resource`];
}

/** What to write if a token that is no JWT came. */
export function opaqueLines(provider: string, audience: readonly string[]): string {
  const jwt = JWTS.get(provider);
  const introspection = "resourceServer: { introspection: { clientId: '...', clientSecret } } # to take opaque tokens";
  return [...(jwt === undefined ? audienceLines(provider, audience) : [jwt]), introspection].join('\nor ');
}
