import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { M2MAccessTokenProvider } from '../../../lib/options/access-token-provider.js';
import type { M2MTokenOptions } from '../../../lib/options/client-options.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';
import { SigningKey } from '../authorization-servers/signing-key.js';

type Recipe = (server: unknown) => M2MAccessTokenProvider;

let key: SigningKey;
/** Answers of the server before it works. */
let failures: number[];

/** A token that the cloud issued ten minutes ago, for an hour. */
function tokenFor(aud: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return key.sign({}, { iss: 'https://cloud.example.com', aud, iat: now - 600, exp: now + 3000 });
}

const refuse = (response: ServerResponse, status: number): unknown => json(response, status, { error: 'refused' });

/** The metadata server of Google Cloud. */
async function google({ url, headers }: SeenRequest, response: ServerResponse): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://metadata.google.internal');
  if (headers['metadata-flavor'] !== 'Google' || headers['x-forwarded-for'] !== undefined) return refuse(response, 403);
  const account = '/computeMetadata/v1/instance/service-accounts/default';
  if (pathname === `${account}/token`) {
    const token = `ya29.${searchParams.get('scopes') ?? 'all'}`;
    return json(response, 200, { access_token: token, expires_in: 3000, token_type: 'Bearer' });
  }
  if (pathname !== `${account}/identity`) return refuse(response, 404);
  const audience = searchParams.get('audience');
  if (!audience) return refuse(response, 400);
  return response.writeHead(200, { 'content-type': 'text/html' }).end(`${await tokenFor(audience)}\n`);
}

/** The instance metadata service of Azure. */
async function imds({ url, headers }: SeenRequest, response: ServerResponse): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://169.254.169.254');
  const resource = searchParams.get('resource');
  const isAllowed = headers['metadata'] === 'true' && searchParams.get('api-version') === '2018-02-01' && resource;
  if (pathname !== '/metadata/identity/oauth2/token') return refuse(response, 404);
  if (!isAllowed) return refuse(response, 400);
  const now = Math.floor(Date.now() / 1000);
  const times = { expires_in: '3000', expires_on: String(now + 3000), not_before: String(now - 600) };
  return json(response, 200, { access_token: await tokenFor(resource), token_type: 'Bearer', resource, ...times });
}

/** The identity endpoint of App Service. */
async function appService({ url, headers }: SeenRequest, response: ServerResponse): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const resource = searchParams.get('resource');
  if (pathname !== '/msi/token') return refuse(response, 404);
  if (headers['x-identity-header'] !== 'id-secret') return refuse(response, 401);
  if (searchParams.get('api-version') !== '2019-08-01' || !resource) return refuse(response, 400);
  const expiresOn = String(Math.floor(Date.now() / 1000) + 3000);
  return json(response, 200, { access_token: await tokenFor(resource), token_type: 'Bearer', expires_on: expiresOn });
}

/** STS of AWS: the query protocol, with an answer in XML. */
async function sts({ body }: SeenRequest, response: ServerResponse): Promise<unknown> {
  const form = new URLSearchParams(body);
  const [audience, seconds] = [form.get('Audience.member.1'), Number(form.get('DurationSeconds') ?? 300)];
  const isKnown = form.get('Action') === 'GetWebIdentityToken' && form.get('Version') === '2011-06-15';
  const isValid =
    audience && seconds >= 60 && seconds <= 3600 && /^(?:RS256|ES384)$/.test(form.get('SigningAlgorithm') ?? '');
  if (!isKnown || !isValid) return response.writeHead(400).end('<ErrorResponse/>');
  const token = `<WebIdentityToken>${await tokenFor(audience)}</WebIdentityToken>`;
  const result = `<GetWebIdentityTokenResult>${token}</GetWebIdentityTokenResult>`;
  return response.writeHead(200).end(`<GetWebIdentityTokenResponse>${result}</GetWebIdentityTokenResponse>`);
}

/** What the recipe needs of the client of AWS's SDK, without its signature. */
function stsClient(endpoint: string) {
  return {
    async getWebIdentityToken(
      input: { Audience: string[]; SigningAlgorithm: string; DurationSeconds: number },
      { abortSignal }: { abortSignal: AbortSignal },
    ) {
      const audiences = input.Audience.map((audience, index) => [`Audience.member.${index + 1}`, audience] as const);
      const body = new URLSearchParams(
        Object.fromEntries([
          ['Action', 'GetWebIdentityToken'],
          ['Version', '2011-06-15'],
          ...audiences,
          ['SigningAlgorithm', input.SigningAlgorithm],
          ['DurationSeconds', String(input.DurationSeconds)],
        ]),
      );
      const response = await fetch(endpoint, { method: 'POST', body, signal: abortSignal });
      if (!response.ok) throw new Error('ValidationError');
      return { WebIdentityToken: /<WebIdentityToken>(.*)<\/WebIdentityToken>/.exec(await response.text())?.[1] };
    },
  };
}

interface Cloud {
  readonly name: string;
  readonly answer: (request: SeenRequest, response: ServerResponse) => Promise<unknown>;
  /** What the recipe takes, of the server at a URL. */
  readonly address: (url: string) => unknown;
  readonly requested: M2MTokenOptions;
  /** Text of the recipe without which the server refuses. */
  readonly needed: readonly string[];
}

const same = (url: string): string => url;
const resource = 'api://shop-api';
const clouds: readonly Cloud[] = [
  {
    name: 'googleIdToken',
    answer: google,
    address: same,
    requested: { audience: 'https://shop-api' },
    needed: ["'metadata-flavor': 'Google'", 'audience, '],
  },
  { name: 'googleAccessToken', answer: google, address: same, requested: {}, needed: ["'metadata-flavor': 'Google'"] },
  {
    name: 'azureManagedIdentity',
    answer: imds,
    address: same,
    requested: { resource },
    needed: ["metadata: 'true'", "'api-version': '2018-02-01', "],
  },
  {
    name: 'azureAppIdentity',
    answer: appService,
    address: (url) => `${url}/msi/token`,
    requested: { resource },
    needed: ["'x-identity-header': secret", "'api-version': '2019-08-01', "],
  },
  {
    name: 'awsIdentity',
    answer: sts,
    address: stsClient,
    requested: { audience: 'https://shop-api' },
    needed: ["SigningAlgorithm: 'RS256',", 'Audience: [audience],'],
  },
];

describe.each(clouds)('the recipe $name', ({ name, answer, address, requested, needed }) => {
  const runner = new CodeRunner();
  const code = blockWith('docs/workload-identity.md', `export const ${name} =`);
  let server: TestHttpServer;
  beforeAll(async () => {
    process.env['IDENTITY_HEADER'] = 'id-secret';
    failures = [];
    key = await SigningKey.make('RS256');
    server = await TestHttpServer.start((request, response) => {
      const failure = failures.shift();
      return failure === undefined ? answer(request, response) : refuse(response, failure);
    });
  });
  afterEach(() => void (failures = []));
  afterAll(async () => {
    delete process.env['IDENTITY_HEADER'];
    runner[Symbol.dispose]();
    await server.stop();
  });

  let runs = 0;
  const managerOf = async (text = code) => {
    runs += 1;
    const exported = await runner.run<Record<string, Recipe>>(`${name}-${runs}`, text);
    const accessTokenProvider = exported[name]?.(address(server.url));
    return clientTokenManager({ accessTokenProvider, retry: { attempts: 3, delay: 1 } });
  };

  it('gets a token, and knows its end', async () => {
    const { manager, events } = await managerOf();
    const token = await manager.getAccessToken(asking(requested));
    expect(token.value.length).toBeGreaterThan(5);
    const [issued] = events as { lifetime?: number }[];
    expect(Math.abs((issued?.lifetime ?? 0) - 3_000_000)).toBeLessThan(10_000);
  });

  it('gets it although the server fails twice', async () => {
    failures = [429, 410];
    const { manager } = await managerOf();
    await expect(manager.getAccessToken(asking(requested))).resolves.toBeDefined();
    expect(manager.stats()).toMatchObject({ tokenRequests: 3, failures: 2 });
  });

  it.each(needed)('is refused without %s', async (text) => {
    const broken = code.replace(text, '');
    expect(broken).not.toBe(code);
    const { manager } = await managerOf(broken);
    await expect(manager.getAccessToken(asking(requested))).rejects.toThrow(/answered 40[013]|failed with \w+/);
  });
});
