import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleLogger, Controller, Get, UseGuards, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MStrategy } from '../../../lib/resource-server/m2m.strategy.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';

const SECRETS = {
  'the client secret': 'client-s3cret',
  'a secret in the URL of the key set': 'jwks-s3cret',
  'a secret in the URL of the token endpoint': 'endpoint-s3cret',
  'the password of a proxy': 'proxy-s3cret',
  'the password of the proxy of a target': 'target-proxy-s3cret',
  'the passphrase of an agent': 'agent-s3cret',
  'the passphrase of a client certificate': 'mtls-s3cret',
  'an assertion': 'assertion-s3cret',
  'a further parameter': 'parameter-s3cret',
  'an access token': 'token-s3cret',
};
const certificate = selfSignedCertificate('orders');
const keyLines = certificate.key.split('\n').filter((line) => line.length > 40);

const UserGuard = M2MGuard.or('user-jwt');

@Controller()
@UseGuards(M2MGuard)
class ProductsController {
  @Get('products')
  list(): string[] {
    return ['tea'];
  }
}

@Controller('or')
@UseGuards(UserGuard)
class UsersController {
  @Get()
  list(): string[] {
    return [];
  }
}

/** Everything that the application logged, with the objects in it. */
class KeptLog extends ConsoleLogger {
  readonly lines: unknown[] = [];
  override log(...line: unknown[]): void {
    this.lines.push(line);
  }
  override warn(...line: unknown[]): void {
    this.lines.push(line);
  }
  override error(...line: unknown[]): void {
    this.lines.push(line);
  }
}

let issuer: TestIssuer;
let upstream: TestHttpServer;
let app: INestApplication;
let inbound: string;
const log = new KeptLog();
const events: unknown[] = [];

const { key, cert } = certificate;
const passphrase = SECRETS['the passphrase of an agent'];
const agent = new HttpsAgent({ key, cert, passphrase, keepAlive: true });
const withCertificate = mutualTls({ cert, key, passphrase: SECRETS['the passphrase of a client certificate'] });
const byPost = clientSecretPost();

/** A proxy that nobody runs. */
function proxyWith(password: string) {
  return { protocol: 'http', host: '127.0.0.1', port: 9, auth: { username: 'u', password } };
}

/** Options with a secret wherever one may be. */
function optionsWithSecrets(): M2MModuleOptions {
  const clientSecret = SECRETS['the client secret'];
  const server = {
    issuer: issuer.issuer,
    tokenEndpoint: `${upstream.url}/token?key=${SECRETS['a secret in the URL of the token endpoint']}`,
    clientAuthentication: withCertificate,
  };
  const jwksUri = `${upstream.url}/jwks?key=${SECRETS['a secret in the URL of the key set']}`;
  const down = { ...server, issuer: `${upstream.url}/down`, jwksUri };
  return {
    authorizationServer: server,
    http: { proxy: proxyWith(SECRETS['the password of a proxy']), httpsAgent: agent },
    client: {
      clientId: 'orders',
      clientSecret,
      clientAuthentication: byPost,
      parameters: { hint: SECRETS['a further parameter'] },
      tokenStore: new MemoryTokenStore(),
      targets: {
        shop: { url: `${upstream.url}/api` },
        far: {
          url: 'https://far.example.com',
          http: { proxy: proxyWith(SECRETS['the password of the proxy of a target']), httpsAgent: agent },
        },
      },
      clients: {
        wrong: { clientId: 'other', clientSecret, clientAuthentication: byPost },
        key: { clientId: 'k', clientAuthentication: privateKeyJwt({ key, alg: 'ES256' }) },
        tls: { clientId: 't', clientAuthentication: withCertificate },
        assertion: { clientId: 'a', clientAuthentication: clientAssertion(() => SECRETS['an assertion']) },
      },
    },
    resourceServer: {
      audience: testAudience,
      trust: [{ authorizationServer: down, audience: testAudience, scopes: [] }],
    },
  };
}

beforeAll(async () => {
  issuer = await TestIssuer.start();
  inbound = await issuer.mint();
  upstream = await TestHttpServer.start(({ url, body }, response) => {
    if (url.startsWith('/api')) {
      return json(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
    }
    if (url.startsWith('/jwks')) return response.writeHead(500).end();
    if (!body.includes('orders')) return json(response, 401, { error: 'invalid_client', message: body });
    return json(response, 200, { access_token: SECRETS['an access token'], token_type: 'Bearer', expires_in: 60 });
  });
  const module = await Test.createTestingModule({
    imports: [M2MModule.forRoot(optionsWithSecrets())],
    providers: [UserGuard],
    controllers: [ProductsController, UsersController],
  })
    .setLogger(log)
    .compile();
  app = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
  app.get(M2MClientService).events$.subscribe((event) => events.push(event));
  app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
}, 60_000);
afterAll(async () => {
  await app.close();
  await upstream.stop();
  await issuer.stop();
});

const m2m = (): M2MClientService => app.get(M2MClientService);
const verify = async (claims: object = {}): Promise<unknown> =>
  app.get(M2MTokenVerifier).verify(await issuer.mint({ ...claims }));
async function answered(authorization: string): Promise<number> {
  const { status } = await fetch(`${await app.getUrl()}/products`, { headers: { authorization } });
  return status;
}

/** What somebody may print, after it was used. */
const printed: readonly (readonly [string, () => unknown])[] = [
  ['the error of a refused secret', () => m2m().client('wrong').getToken()],
  ['the error of a refused assertion', () => m2m().client('assertion').getToken()],
  ['the error of a refused signed assertion', () => m2m().client('key').getToken()],
  ['the error of a refused certificate', () => m2m().client('tls').getToken()],
  ['the error of a rejected call', () => m2m().for('shop').axiosRef.get('/x')],
  ['the error of a call through a proxy', () => m2m().for('far').axiosRef.get('/x')],
  ['the response of a fetch', () => m2m().fetch(`${upstream.url}/api`)],
  ['the error of a key set', () => verify({ iss: `${upstream.url}/down` })],
  ['the error of a foreign token', () => verify({ iss: 'https://other.example.com' })],
  ['a caller', () => verify()],
  ['the guard after it let somebody in', async () => [await answered(`Bearer ${inbound}`), app.get(M2MGuard)]],
  ['the guard after it refused somebody', async () => [await answered('Bearer nonsense'), app.get(M2MGuard)]],
  ['a guard for users, too', () => app.get<unknown>(UserGuard)],
  ['M2MTokenVerifier', () => app.get(M2MTokenVerifier)],
  ['M2MStrategy', () => app.get(M2MStrategy)],
  ['M2MClientService', () => m2m()],
  ['a named client', () => m2m().client('tls')],
  ['the HttpService of a target', () => m2m().for('far')],
  ['the HttpService of all targets', () => m2m().http],
  ['the counters', () => m2m().stats()],
  ['M2MModule', () => app.get(M2MModule)],
  ['the events', () => events],
  ['the log', () => log.lines],
];

describe('what is printed of (claim 2.1)', () => {
  it.each(printed)('%s holds no secret', async (_name, make) => {
    const value: unknown = await Promise.resolve(make()).catch((error: unknown) => error);
    const text = inspect(value, { depth: 60, showHidden: true, maxArrayLength: null, maxStringLength: null });
    const hidden = [...Object.values(SECRETS), ...keyLines, inbound.split('.')[2] ?? ''];
    expect(hidden.filter((secret) => text.includes(secret))).toEqual([]);
    expect(hidden.filter((secret) => asJson(value).includes(secret))).toEqual([]);
    expect(text.length).toBeGreaterThan(10);
  });

  it('an error that says what failed holds the URL without its query', async () => {
    await expect(verify({ iss: `${upstream.url}/down` })).rejects.toThrow(`${upstream.url}/jwks answered 500`);
  });

  it('each secret was used', () => {
    const sent = upstream.requests.map(({ url, body }) => url + body).join();
    const ofServer = [
      'the client secret',
      'a secret in the URL of the key set',
      'an assertion',
      'a further parameter',
    ] as const;
    for (const name of ofServer) expect(sent).toContain(SECRETS[name]);
    expect(events.length).toBeGreaterThan(5);
  });
});

/** As loggers write it. Some objects of Nest lead to themselves. */
function asJson(value: unknown): string {
  const seen = new Set<unknown>();
  const text = JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null) return member;
    if (seen.has(member)) return undefined;
    seen.add(member);
    const { message, stack, cause } = member as Error;
    return member instanceof Error ? Object.assign({ message, stack, cause }, member) : member;
  });
  return text ?? '';
}
