import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';

/** What makes a line of a log say something else: a line of its own, colours, the order of reading. */
const HOSTILE = '\nERROR all is well\r\u001b[2K\u009b31m\u2028\u2029\u202e\u2066\u200b\u0000\ud800';

/** What an application says of a server whose texts are hostile: its errors, with their causes, and its log. */
async function said(metadataOf: (url: string) => unknown): Promise<string> {
  await using keys = await TestIssuer.start();
  await using server = await TestHttpServer.start(({ url }, response) =>
    url.startsWith('/.well-known')
      ? json(response, 200, metadataOf(server.url))
      : json(response, 400, { error: HOSTILE, error_description: HOSTILE, code: HOSTILE, keys: HOSTILE }),
  );
  await using app = await startGuardedApp({
    options: {
      authorizationServer: oidc({ issuer: server.url }),
      client: { clientId: 'orders', clientSecret: 's3cret' },
      resourceServer: { audience: testAudience },
    },
  });
  const events: unknown[] = [];
  app.app.get(M2MClientService).events$.subscribe((event) => events.push(event));
  app.app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
  const calls = [
    app.app.get(M2MClientService).getToken(),
    app.app.get(M2MTokenVerifier).verify(await keys.mint({ iss: server.url })),
  ];
  const errors = (await Promise.allSettled(calls)).map((call) => (call as PromiseRejectedResult).reason as Error);
  const messages = errors.flatMap((error) => [error.message, (error.cause as Error | undefined)?.message ?? '']);
  const lines = [...messages, ...app.log.map(({ text }) => text)];
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
  const whole = inspect([errors, events], { depth: 20, showHidden: true });
  expect(whole).not.toContain('ERROR all is well\\r');
  return lines.join('\n');
}

describe('hostile texts of an authorization server (claim 2.3)', () => {
  it('in the issuer of its metadata are shown in ASCII', async () => {
    const text = await said((issuer) => ({ issuer: `${issuer + HOSTILE}\u0430` }));
    expect(text).toContain('?ERROR all is well??[2K?31m');
  });

  it('in the URLs of its metadata are shown as the URL parser reads them', async () => {
    const text = await said((issuer) => ({
      issuer,
      token_endpoint: `${issuer}/token${HOSTILE}?key=s3cret`,
      jwks_uri: `${issuer}/jwks${HOSTILE}?key=s3cret`,
    }));
    expect(text).toContain('/jwksERROR%20all%20is%20well%1B[2K%C2%9B31m');
    expect(text).not.toContain('s3cret');
  });

  it('in URLs that may not be used are shown as the URL parser reads them', async () => {
    const text = await said((issuer) => ({
      issuer,
      token_endpoint: `http://id.example.com/token${HOSTILE}?key=s3cret`,
      jwks_uri: `data:text/html,${HOSTILE}`,
    }));
    expect(text).toContain('http://id.example.com/tokenERROR%20all%20is%20well%1B[2K');
    expect(text).not.toContain('s3cret');
  });
});
