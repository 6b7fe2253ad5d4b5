import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import {
  authorizationServerFromIssuer,
  guessAuthorizationServer,
  type ProviderName,
} from '../../../lib/authorization-servers/from-issuer.js';
import { problemsOf } from '../../support/problems-of.js';
import { servers, type ServerName } from '../../support/authorization-servers.js';

const tenant = '11111111-2222-3333-4444-555555555555';
const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';

const names: Record<ProviderName, ServerName> = {
  oidc: 'oidc',
  auth0: 'auth0',
  cognito: 'cognito',
  logto: 'logto',
  'simple-id-server': 'simpleIdServer',
  keycloak: 'keycloak',
  'entra-id': 'entraId',
  okta: 'okta',
  hydra: 'hydra',
  spring: 'spring',
  zitadel: 'zitadel',
};

/** Without its methods, which are those of the factory. */
function facts(server: AuthorizationServer | undefined): unknown {
  return JSON.parse(JSON.stringify(server));
}

describe('guessAuthorizationServer', () => {
  it.each<[string, ProviderName, string]>([
    ['https://acme.eu.auth0.com/', 'auth0', 'https://acme.eu.auth0.com/'],
    ['https://acme.eu.auth0.com', 'auth0', 'https://acme.eu.auth0.com/'],
    [pool, 'cognito', pool],
    ['https://acme.logto.app/oidc', 'logto', 'https://acme.logto.app/oidc'],
    ['https://acme.logto.app/oidc/', 'logto', 'https://acme.logto.app/oidc'],
    [
      `https://login.microsoftonline.com/${tenant}/v2.0`,
      'entra-id',
      `https://login.microsoftonline.com/${tenant}/v2.0`,
    ],
    [`https://sts.windows.net/${tenant}/`, 'entra-id', `https://login.microsoftonline.com/${tenant}/v2.0`],
    [`https://login.microsoftonline.us/${tenant}/v2.0`, 'entra-id', `https://login.microsoftonline.us/${tenant}/v2.0`],
    [
      `https://login.partner.microsoftonline.cn/${tenant}/v2.0`,
      'entra-id',
      `https://login.partner.microsoftonline.cn/${tenant}/v2.0`,
    ],
    [`https://sts.chinacloudapi.cn/${tenant}/`, 'entra-id', `https://login.partner.microsoftonline.cn/${tenant}/v2.0`],
    [`https://contoso.ciamlogin.com/${tenant}/v2.0`, 'entra-id', `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
    [`https://${tenant}.ciamlogin.com/${tenant}/v2.0`, 'entra-id', `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
    ['https://acme.okta.com/oauth2/default', 'okta', 'https://acme.okta.com/oauth2/default'],
    ['https://acme.oktapreview.com/oauth2/aus1/', 'okta', 'https://acme.oktapreview.com/oauth2/aus1'],
    ['https://sso.example.com/realms/acme', 'keycloak', 'https://sso.example.com/realms/acme'],
    ['https://sso.example.com/auth/realms/a%20b/', 'keycloak', 'https://sso.example.com/auth/realms/a%20b'],
    ['http://127.0.0.1:8080/realms/acme', 'keycloak', 'http://127.0.0.1:8080/realms/acme'],
    ['https://acme.zitadel.cloud', 'zitadel', 'https://acme.zitadel.cloud'],
    ['https://id.example.com', 'oidc', 'https://id.example.com'],
    ['https://id.example.com/oidc', 'oidc', 'https://id.example.com/oidc'],
    ['https://id.example.com/', 'oidc', 'https://id.example.com/'],
    ['http://localhost:4000', 'oidc', 'http://localhost:4000'],
    ['https://auth0.com.evil.test/', 'oidc', 'https://auth0.com.evil.test/'],
    ['https://evil.test/.auth0.com/', 'oidc', 'https://evil.test/.auth0.com/'],
    [
      `https://contoso.ciamlogin.com.evil.test/${tenant}/v2.0`,
      'oidc',
      `https://contoso.ciamlogin.com.evil.test/${tenant}/v2.0`,
    ],
    ['https://acme.okta.com', 'oidc', 'https://acme.okta.com'],
    ['https://accounts.google.com', 'oidc', 'https://accounts.google.com'],
  ])('takes %s for %s', (issuer, provider, exact) => {
    const guess = guessAuthorizationServer(issuer);
    expect(guess).toMatchObject({ provider, server: { name: servers[names[provider]].name, issuer: exact } });
  });

  it.each([
    ['id.example.com', 'is not an HTTPS URL'],
    ['', 'is an empty string'],
    ['http://id.example.com', 'is plain HTTP'],
    ['https://id.example.com?a=b', 'holds a query or a fragment'],
    ['https://login.microsoftonline.com/common/v2.0', 'cannot be an issuer of the provider entra-id'],
    ['https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0', 'cannot be an issuer of the provider entra-id'],
    ['https://cognito-idp.eu-west-1.amazonaws.com/acme', 'cannot be an issuer of the provider cognito'],
    ['https://acme.logto.app/', 'cannot be an issuer of the provider logto'],
    ['https://u:s3cret@acme.eu.auth0.com/', 'is not a bare host name'],
    ['https://sso.example.com/realms/%zz', 'is not a name that fits into a path'],
  ])('refuses %s', (issuer, problem) => {
    const problems = problemsOf(() => guessAuthorizationServer(issuer));
    expect(problems).toEqual([
      {
        option: 'M2M_ISSUER',
        problem: expect.stringContaining(problem),
        remedy: expect.stringMatching(/^M2M_ISSUER=https:/),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });
});

describe('authorizationServerFromIssuer', () => {
  it.each(Object.keys(names) as ProviderName[])('makes of an issuer of %s what its factory makes', (provider) => {
    const server = servers[names[provider]];
    const made = authorizationServerFromIssuer(provider, server.issuer);
    expect(facts(made)).toEqual(facts(server));
    expect(made).toMatchObject({ tokenParameters: server.tokenParameters, readClaims: server.readClaims });
    expect(Object.isFrozen(made)).toBe(true);
  });

  it.each<[ProviderName, string, Partial<AuthorizationServer>]>([
    ['auth0', 'https://login.acme.com/', { name: 'Auth0', tokenEndpoint: 'https://login.acme.com/oauth/token' }],
    ['logto', 'https://auth.acme.com/oidc', { name: 'Logto', tokenEndpoint: 'https://auth.acme.com/oidc/token' }],
    ['okta', 'https://login.acme.com/oauth2/aus1', { name: 'Okta', issuer: 'https://login.acme.com/oauth2/aus1' }],
    [
      'simple-id-server',
      'https://id.acme.com/master',
      { name: 'SimpleIdServer', tokenEndpoint: 'https://id.acme.com/master/token' },
    ],
    ['zitadel', 'https://id.acme.com', { name: 'Zitadel', tokenEndpoint: 'https://id.acme.com/oauth/v2/token' }],
    ['oidc', 'https://acme.eu.auth0.com/', { name: 'OpenID Connect', issuer: 'https://acme.eu.auth0.com/' }],
  ])('takes the word for %s at %s, whatever it would guess', (provider, issuer, server) => {
    expect(authorizationServerFromIssuer(provider, issuer)).toMatchObject(server);
  });

  it.each<[ProviderName, string]>([
    ['auth0', 'http://127.0.0.1:4710/'],
    ['cognito', 'http://127.0.0.1:4710/eu-west-1_Test'],
    ['entra-id', 'http://localhost:4710/tenant/v2.0'],
    ['okta', 'http://[::1]:4710/oauth2/default'],
    ['keycloak', 'http://127.0.0.1:4710/somewhere'],
    ['auth0', 'http://auth0:4710/'],
    ['okta', 'http://10.0.0.1/oauth2/default'],
  ])('lets %s be on loopback or a private network, its endpoints to be discovered', (provider, issuer) => {
    const server = authorizationServerFromIssuer(provider, issuer);
    expect(server).toMatchObject({ name: servers[names[provider]].name, issuer });
    expect(server.tokenEndpoint).toBeUndefined();
    expect(server.acceptedIssuers).toBeUndefined();
    expect(Object.isFrozen(server)).toBe(true);
  });

  it.each<[ProviderName, string]>([
    ['auth0', 'https://acme.eu.auth0.com/path'],
    ['auth0', 'http://acme.eu.auth0.com/'],
    ['cognito', 'https://acme.auth.eu-west-1.amazoncognito.com'],
    ['logto', 'https://acme.logto.app'],
    ['keycloak', 'https://sso.example.com'],
    ['entra-id', 'https://login.microsoftonline.com/common/v2.0'],
    ['okta', 'https://acme.okta.com'],
    ['zitadel', 'https://acme.zitadel.cloud/path'],
  ])('says that %s cannot have the issuer %s', (provider, issuer) => {
    const [problem, ...others] = problemsOf(() => authorizationServerFromIssuer(provider, issuer));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ option: 'M2M_ISSUER' });
    expect(problem?.problem).toBe(`is '${issuer}', which cannot be an issuer of the provider ${provider}`);
    expect(problem?.remedy).toMatch(/^M2M_ISSUER=https:.*\nor M2M_PROVIDER=oidc # takes any issuer$/);
  });

  it.each<[ProviderName, string, string]>([
    ['keycloak', 'https://sso.example.com/realms/%2e%2e', 'is not a name that fits into a path'],
    ['hydra', 'hydra.example.com', 'is not an HTTPS URL'],
    ['zitadel', 'http://id.acme.com', 'is plain HTTP, which may not leave this machine'],
    [
      'entra-id',
      'https://login.microsoftonline.com/------------------------------------/v2.0',
      'is not the id of a tenant, which is a UUID',
    ],
  ])('says of %s at %s what its factory says', (provider, issuer, problem) => {
    expect(problemsOf(() => authorizationServerFromIssuer(provider, issuer))).toEqual([
      { option: 'M2M_ISSUER', problem, remedy: expect.stringMatching(/^M2M_ISSUER=https:/) },
    ]);
  });

  it('shows no credentials of an issuer', () => {
    const [problem] = problemsOf(() => authorizationServerFromIssuer('okta', 'https://u:s3cret@acme.okta.com'));
    expect(problem?.problem).toContain("'https://acme.okta.com'");
  });

  it.each(['azure', '', 'constructor', '__proto__'])('knows no provider %j, and lists those it knows', (name) => {
    const remedy = expect.stringMatching(/^M2M_PROVIDER=auth0\nor .*\nor M2M_PROVIDER=oidc$/s) as unknown;
    expect(problemsOf(() => authorizationServerFromIssuer(name, 'https://id.example.com'))).toEqual([
      { option: 'M2M_PROVIDER', problem: 'is no provider', remedy },
    ]);
  });

  it('says which provider is meant', () => {
    expect(problemsOf(() => authorizationServerFromIssuer('Auth0', 'https://id.example.com'))).toEqual([
      { option: 'M2M_PROVIDER', problem: "is 'Auth0', which is no provider", remedy: 'M2M_PROVIDER=auth0' },
    ]);
  });
});
