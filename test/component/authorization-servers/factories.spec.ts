import { describe, expect, it } from '@jest/globals';
import { auth0 } from '../../../lib/authorization-servers/auth0.js';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { none } from '../../../lib/client-authentication/none.js';
import type { ClientAuthentication } from '../../../lib/client-authentication/client-authenticators.js';
import { cognito } from '../../../lib/authorization-servers/cognito.js';
import { entraId } from '../../../lib/authorization-servers/entra-id.js';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { logto } from '../../../lib/authorization-servers/logto.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { okta } from '../../../lib/authorization-servers/okta.js';
import { simpleIdServer } from '../../../lib/authorization-servers/simple-id-server.js';
import { spring } from '../../../lib/authorization-servers/spring.js';
import { zitadel } from '../../../lib/authorization-servers/zitadel.js';
import type { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { problemsOf } from '../../support/problems-of.js';

const form: ClientAuthentication = { method: 'client_secret_basic', encoding: 'form' };
const raw: ClientAuthentication = { method: 'client_secret_basic', encoding: 'raw' };
const post: ClientAuthentication = { method: 'client_secret_post' };
const tenantId = '11111111-2222-3333-4444-555555555555';
const pool = { region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI' };

function entraIdFacts(requested: string, version2: string, version1?: string): Partial<AuthorizationServer> {
  const issuer = `${version2}/${tenantId}/v2.0`;
  const tokenEndpoint = `${requested}/${tenantId}/oauth2/v2.0/token`;
  return {
    name: 'Entra ID',
    issuer,
    ...(version1 && { acceptedIssuers: [issuer, `${version1}/${tenantId}/`] }),
    tokenEndpoint,
    assertionAudience: tokenEndpoint,
    clientAuthentication: post,
    absentScope: 'as-requested',
    tokenExchange: 'on-behalf-of',
  };
}

/** Everything in a profile that is no method. */
const profiles: [string, AuthorizationServer, Partial<AuthorizationServer>][] = [
  ['oidc', oidc({ issuer: 'https://id.example.com' }), { name: 'OpenID Connect', issuer: 'https://id.example.com' }],
  [
    'oidc keeps the slash',
    oidc({ issuer: 'https://id.example.com/' }),
    { name: 'OpenID Connect', issuer: 'https://id.example.com/' },
  ],
  [
    'auth0',
    auth0({ domain: 'acme.eu.auth0.com' }),
    {
      name: 'Auth0',
      issuer: 'https://acme.eu.auth0.com/',
      tokenEndpoint: 'https://acme.eu.auth0.com/oauth/token',
      clientAuthentication: post,
    },
  ],
  [
    'cognito',
    cognito(pool),
    {
      name: 'Cognito',
      tokenExchange: 'none',
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      clientAuthentication: raw,
      absentScope: 'as-requested',
    },
  ],
  [
    'cognito with the prefix of its domain',
    cognito({ ...pool, domain: 'acme' }),
    {
      name: 'Cognito',
      tokenExchange: 'none',
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      tokenEndpoint: 'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token',
      clientAuthentication: raw,
      absentScope: 'as-requested',
    },
  ],
  [
    'cognito with a domain of its own',
    cognito({ ...pool, domain: 'Login.Example.com' }),
    {
      name: 'Cognito',
      tokenExchange: 'none',
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      tokenEndpoint: 'https://login.example.com/oauth2/token',
      clientAuthentication: raw,
      absentScope: 'as-requested',
    },
  ],
  [
    'logto',
    logto({ endpoint: 'https://acme.logto.app' }),
    {
      name: 'Logto',
      issuer: 'https://acme.logto.app/oidc',
      tokenEndpoint: 'https://acme.logto.app/oidc/token',
      clientAuthentication: form,
      absentScope: 'none',
    },
  ],
  [
    'simpleIdServer without realms',
    simpleIdServer({ url: 'https://id.example.com' }),
    {
      name: 'SimpleIdServer',
      issuer: 'https://id.example.com',
      tokenEndpoint: 'https://id.example.com/token',
      clientAuthentication: post,
    },
  ],
  [
    'simpleIdServer with realms',
    simpleIdServer({ url: 'https://id.example.com/', realm: 'master' }),
    {
      name: 'SimpleIdServer',
      issuer: 'https://id.example.com/master',
      tokenEndpoint: 'https://id.example.com/master/token',
      clientAuthentication: post,
    },
  ],
  [
    'keycloak',
    keycloak({ url: 'https://sso.example.com/auth//', realm: 'two words' }),
    {
      name: 'Keycloak',
      issuer: 'https://sso.example.com/auth/realms/two%20words',
      tokenEndpoint: 'https://sso.example.com/auth/realms/two%20words/protocol/openid-connect/token',
      clientAuthentication: post,
    },
  ],
  [
    'entraId',
    entraId({ tenantId: 'ABCDEF01-2222-3333-4444-555555555555' }),
    {
      name: 'Entra ID',
      tokenExchange: 'on-behalf-of',
      issuer: 'https://login.microsoftonline.com/abcdef01-2222-3333-4444-555555555555/v2.0',
      acceptedIssuers: [
        'https://login.microsoftonline.com/abcdef01-2222-3333-4444-555555555555/v2.0',
        'https://sts.windows.net/abcdef01-2222-3333-4444-555555555555/',
      ],
      tokenEndpoint: 'https://login.microsoftonline.com/abcdef01-2222-3333-4444-555555555555/oauth2/v2.0/token',
      assertionAudience: 'https://login.microsoftonline.com/abcdef01-2222-3333-4444-555555555555/oauth2/v2.0/token',
      clientAuthentication: post,
      absentScope: 'as-requested',
    },
  ],
  [
    'entraId of Azure Government',
    entraId({ tenantId, authorityHost: 'login.microsoftonline.us' }),
    entraIdFacts('https://login.microsoftonline.us', 'https://login.microsoftonline.us', 'https://sts.windows.net'),
  ],
  [
    'entraId of Azure operated by 21Vianet',
    entraId({ tenantId, authorityHost: 'Login.Partner.MicrosoftOnline.CN' }),
    entraIdFacts(
      'https://login.partner.microsoftonline.cn',
      'https://login.partner.microsoftonline.cn',
      'https://sts.chinacloudapi.cn',
    ),
  ],
  [
    'entraId of External ID',
    entraId({ tenantId, authorityHost: 'contoso.ciamlogin.com' }),
    entraIdFacts('https://contoso.ciamlogin.com', `https://${tenantId}.ciamlogin.com`),
  ],
  [
    'okta',
    okta({ domain: 'acme.okta.com', authorizationServerId: 'aus123' }),
    {
      name: 'Okta',
      issuer: 'https://acme.okta.com/oauth2/aus123',
      tokenEndpoint: 'https://acme.okta.com/oauth2/aus123/v1/token',
      assertionAudience: 'https://acme.okta.com/oauth2/aus123/v1/token',
      clientAuthentication: form,
    },
  ],
  [
    'okta without an id',
    okta({ domain: 'acme.okta.com' }),
    {
      name: 'Okta',
      issuer: 'https://acme.okta.com/oauth2/default',
      tokenEndpoint: 'https://acme.okta.com/oauth2/default/v1/token',
      assertionAudience: 'https://acme.okta.com/oauth2/default/v1/token',
      clientAuthentication: form,
    },
  ],
  [
    'hydra keeps the slash',
    hydra({ issuer: 'https://hydra.example.com/' }),
    {
      name: 'Hydra',
      tokenExchange: 'none',
      issuer: 'https://hydra.example.com/',
      tokenEndpoint: 'https://hydra.example.com/oauth2/token',
      assertionAudience: 'https://hydra.example.com/oauth2/token',
      clientAuthentication: form,
    },
  ],
  [
    'spring',
    spring({ issuer: 'https://id.example.com' }),
    { name: 'Spring Authorization Server', issuer: 'https://id.example.com', clientAuthentication: form },
  ],
  [
    'zitadel',
    zitadel({ issuer: 'https://acme.zitadel.cloud' }),
    {
      name: 'Zitadel',
      issuer: 'https://acme.zitadel.cloud',
      tokenEndpoint: 'https://acme.zitadel.cloud/oauth/v2/token',
      clientAuthentication: post,
      absentScope: 'as-requested',
    },
  ],
];

describe('a profile', () => {
  it.each(profiles)('of %s has the issuer and endpoints of the product', (_name, server, expected) => {
    const facts = Object.fromEntries(Object.entries(server).filter(([, value]) => typeof value !== 'function'));
    expect(facts).toEqual(expected);
  });

  it.each(profiles)('of %s is plain and frozen', (_name, server) => {
    expect(Object.getPrototypeOf(server)).toBe(Object.prototype);
    expect(Object.isFrozen(server)).toBe(true);
    expect(Object.values(server).filter((value) => typeof value === 'object' && !Object.isFrozen(value))).toEqual([]);
  });

  it.each(profiles)('of %s works when it is spread and its methods are taken off it', (_name, server) => {
    const claims = { client_id: 'a', azp: 'a', cid: 'a', token_use: 'access', typ: 'Bearer' };
    const { tokenParameters, readClaims, checkClaims, wrongCredentials } = extended(server);
    expect(readClaims?.(claims, [])).toMatchObject({ clientId: 'a' });
    expect(() => checkClaims?.(claims)).not.toThrow();
    expect(wrongCredentials?.({ status: 500, error: 'server_error' }) ?? false).toBe(false);
    expect(tokenParameters).toBeInstanceOf(Function);
  });
});

function extended(server: AuthorizationServer): AuthorizationServer {
  return { ...server, jwksUri: 'https://other.example.com' };
}

describe('client authentication', () => {
  it.each([
    [clientSecretBasic(), form],
    [clientSecretBasic({ encoding: 'raw' }), raw],
    [clientSecretPost(), post],
    [none(), { method: 'none' }],
  ])('is plain, frozen data', (authentication, expected) => {
    expect(authentication).toEqual(expected);
    expect(Object.isFrozen(authentication)).toBe(true);
  });
});

type Problem = M2MConfigurationError['problems'][number];

/** What a caller without types may pass. */
const loose =
  <T>(factory: (options: T) => unknown, options: unknown) =>
  () =>
    factory(options as T);

describe('the arguments of a factory', () => {
  it.each<[string, () => unknown, Problem[]]>([
    [
      'a missing domain',
      loose(auth0, { domain: undefined }),
      [
        {
          option: 'auth0.domain',
          problem: 'is missing',
          remedy: "auth0({ domain: 'acme.eu.auth0.com' })",
          kind: 'missing',
        },
      ],
    ],
    [
      'no arguments',
      loose(auth0, {}),
      [
        {
          option: 'auth0.domain',
          problem: 'is missing',
          remedy: "auth0({ domain: 'acme.eu.auth0.com' })",
          kind: 'missing',
        },
      ],
    ],
    [
      'an empty domain',
      loose(auth0, { domain: ' ' }),
      [{ option: 'auth0.domain', problem: 'is an empty string', remedy: "auth0({ domain: 'acme.eu.auth0.com' })" }],
    ],
    [
      'a domain that is no text',
      loose(auth0, { domain: 5 }),
      [
        {
          option: 'auth0.domain',
          problem: 'is not a string but a number',
          remedy: "auth0({ domain: 'acme.eu.auth0.com' })",
        },
      ],
    ],
    [
      'null as a domain',
      loose(auth0, { domain: null }),
      [{ option: 'auth0.domain', problem: 'is null', remedy: "auth0({ domain: 'acme.eu.auth0.com' })" }],
    ],
    [
      'a domain with white space around it',
      loose(auth0, { domain: 'shop.auth0.com\n' }),
      [
        {
          option: 'auth0.domain',
          problem: 'begins or ends with white space',
          remedy: "auth0({ domain: 'shop.auth0.com' })",
        },
      ],
    ],
    ...['https://shop.auth0.com', 'https://shop.auth0.com/', 'shop.auth0.com/', 'shop.auth0.com/path?a#b'].map(
      (domain): [string, () => unknown, Problem[]] => [
        `the domain ${domain}`,
        loose(auth0, { domain }),
        [
          {
            option: 'auth0.domain',
            problem: 'is not a bare host name, without scheme and path',
            remedy: "auth0({ domain: 'shop.auth0.com' })",
          },
        ],
      ],
    ),
    ...['shop auth0', 'file:///shop'].map((domain): [string, () => unknown, Problem[]] => [
      `${domain}, which cannot be a domain`,
      loose(auth0, { domain }),
      [
        {
          option: 'auth0.domain',
          problem: 'is not a bare host name, without scheme and path',
          remedy: "auth0({ domain: 'acme.eu.auth0.com' })",
        },
      ],
    ]),
    [
      'all that is wrong at once',
      loose(cognito, { region: 'Ireland', userPoolId: 'acme', domain: 'https://acme.example.com' }),
      [
        ['region', 'is not an AWS region'],
        ['userPoolId', 'is not the id of a user pool'],
        ['domain', 'is not a bare host name, without scheme and path'],
      ].map(([name, problem = '']) => ({
        option: `cognito.${name}`,
        problem,
        remedy: "cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI', domain: 'acme.example.com' })",
      })),
    ],
    [
      'the issuer as the endpoint of Logto',
      loose(logto, { endpoint: 'https://acme.logto.app/oidc/' }),
      [
        {
          option: 'logto.endpoint',
          problem: 'ends in /oidc, which is the issuer and not the endpoint',
          remedy: "logto({ endpoint: 'https://acme.logto.app' })",
        },
      ],
    ],
    [
      'the issuer as the URL of Keycloak',
      loose(keycloak, { url: 'https://sso.example.com/auth/realms/acme', realm: 'acme' }),
      [
        {
          option: 'keycloak.url',
          problem: 'names a realm already, and the realm is appended',
          remedy: "keycloak({ url: 'https://sso.example.com/auth', realm: 'acme' })",
        },
      ],
    ],
    ...['..', '.', 'a/b', 'a?b', 'a#b', 'a%2fb', 'a\\b'].flatMap((realm) =>
      (
        [
          ['keycloak', loose(keycloak, { url: 'https://id.example.com', realm }), 'acme'],
          ['simpleIdServer', loose(simpleIdServer, { url: 'https://id.example.com', realm }), 'master'],
        ] as const
      ).map(([name, call, example]): [string, () => unknown, Problem[]] => [
        `the realm ${realm} for ${name}`,
        call,
        [
          {
            option: `${name}.realm`,
            problem: 'is not a name that fits into a path',
            remedy: `${name}({ url: 'https://id.example.com', realm: '${example}' })`,
          },
        ],
      ]),
    ),
    [
      "a tenant's domain name",
      loose(entraId, { tenantId: 'acme.onmicrosoft.com' }),
      [
        {
          option: 'entraId.tenantId',
          problem: 'is not the id of a tenant, which is a UUID',
          remedy: `entraId({ tenantId: '${tenantId}' })`,
        },
      ],
    ],
    ...(
      [
        [
          'https://login.microsoftonline.us/',
          'is not a bare host name, without scheme and path',
          'login.microsoftonline.us',
        ],
        [
          'sts.windows.net',
          'is none of login.microsoftonline.com, login.microsoftonline.us, login.partner.microsoftonline.cn, TENANT.ciamlogin.com',
          'login.microsoftonline.us',
        ],
        [
          'login.microsoftonline.com.evil.test',
          'is none of login.microsoftonline.com, login.microsoftonline.us, login.partner.microsoftonline.cn, TENANT.ciamlogin.com',
          'login.microsoftonline.us',
        ],
      ] as const
    ).map(([authorityHost, problem, instead]): [string, () => unknown, Problem[]] => [
      `the host ${authorityHost} for entraId`,
      loose(entraId, { tenantId, authorityHost }),
      [
        {
          option: 'entraId.authorityHost',
          problem,
          remedy: `entraId({ tenantId: '${tenantId}', authorityHost: '${instead}' })`,
        },
      ],
    ]),
    [
      'a URL as the id of an Okta server',
      loose(okta, { domain: 'acme.okta.com', authorizationServerId: '/oauth2/default' }),
      [
        {
          option: 'okta.authorizationServerId',
          problem: 'is not the id of an authorization server',
          remedy: "okta({ domain: 'acme.okta.com', authorizationServerId: 'default' })",
        },
      ],
    ],
    ...(
      [
        ['id.example.com', 'is not an HTTPS URL', 'https://id.example.com'],
        ['localhost:3000', 'is not an HTTPS URL', 'https://localhost:3000'],
        ['https:id.example.com', 'is not an HTTPS URL', undefined],
        ['ftp://id.example.com', 'is not an HTTPS URL', undefined],
        ['https://', 'is not an HTTPS URL', undefined],
        ['http://id.example.com/a', 'is plain HTTP, which may not leave this machine', 'https://id.example.com/a'],
        ['https://id.example.com/?a=b', 'holds a query or a fragment', 'https://id.example.com/'],
        ['https://id.example.com/#', 'holds a query or a fragment', 'https://id.example.com/'],
        ['https://u:s3cret@id.example.com', 'holds a user name or a password', 'https://id.example.com'],
        ['http://u:s3cret@id.example.com', 'is plain HTTP, which may not leave this machine', 'https://id.example.com'],
        ['http://id.example.com', 'is plain HTTP, which may not leave this machine', 'https://id.example.com'],
        [
          'https://id.example.com/.well-known/openid-configuration',
          'is the address of metadata, not the issuer',
          'https://id.example.com',
        ],
        ['https://u@id.example.com', 'holds a user name or a password', 'https://id.example.com'],
        ['https://:s3cret@id.example.com', 'holds a user name or a password', 'https://id.example.com'],
        ['u:s3cret@id.example.com', 'is not an HTTPS URL', undefined],
        ['https://u:s3cret@id.example.com ', 'begins or ends with white space', undefined],
      ] as const
    ).flatMap(([issuer, problem, instead]) =>
      (
        [
          ['oidc', loose(oidc, { issuer }), 'https://id.example.com'],
          ['hydra', loose(hydra, { issuer }), 'https://hydra.example.com/'],
          ['spring', loose(spring, { issuer }), 'https://id.example.com'],
          ['zitadel', loose(zitadel, { issuer }), 'https://acme.zitadel.cloud'],
        ] as const
      ).map(([name, call, example]): [string, () => unknown, Problem[]] => [
        `the issuer ${issuer} for ${name}`,
        call,
        [{ option: `${name}.issuer`, problem, remedy: `${name}({ issuer: '${instead ?? example}' })` }],
      ]),
    ),
  ])('are refused: %s', (_name, call, problems) => {
    expect(problemsOf(call)).toEqual(problems);
    expect(JSON.stringify(problemsOf(call))).not.toContain('s3cret');
  });

  it.each([
    ['upper case in a scheme', () => oidc({ issuer: 'HTTPS://id.example.com' })],
    ['HTTP on loopback', () => oidc({ issuer: 'http://127.0.0.1:4710' })],
    ['HTTP on loopback for Logto', () => logto({ endpoint: 'http://localhost:3001' })],
    ['a port in a domain', () => auth0({ domain: 'auth0.test:8443' })],
    ['upper case in a domain', () => okta({ domain: 'Acme.Okta.COM' })],
    ['a government region', () => cognito({ region: 'us-gov-west-1', userPoolId: 'us-gov-west-1_AbC123' })],
  ])('may be %s', (_name, call) => {
    expect(call).not.toThrow();
  });
});
