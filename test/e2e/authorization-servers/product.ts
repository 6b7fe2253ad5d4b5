import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConsoleLogger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { Replay, type ReplayedAnswer } from './replay.js';
import { SigningKey } from './signing-key.js';

type Members = Readonly<Record<string, unknown>>;

/** What a product documents, or was seen to do. */
export interface Product {
  /** Just as its factory makes it. */
  readonly server: AuthorizationServer;
  readonly client: M2MClientOptions & { clientSecret: string };
  readonly resourceServer: M2MResourceServerOptions;
  readonly metadata: { readonly url: string; readonly body: Members & { readonly jwks_uri: string } };
  /** Its signing key, and what else is in its key set. */
  readonly key: { readonly alg: string; readonly members?: Members; readonly beside?: readonly Members[] };
  /** The token request that it wants. */
  readonly request: { readonly url: string; readonly authorization?: string; readonly body: Members };
  /** Its answer, beside the token. */
  readonly response: Members;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** The scopes that it says, or means, to grant. */
  readonly granted: readonly string[] | undefined;
  /** The access token of a machine. */
  readonly header: Members;
  readonly claims: Members;
  /** Who that is. */
  readonly caller: Members;
  /** What else passes: how it differs, and who it is. */
  readonly accepted: readonly [what: string, differs: Members, caller: Members][];
  /** What does not: how it differs, and the error. */
  readonly refused: readonly [what: string, differs: Members, error: Members][];
  /** Its refusals of a token request, and the error that they become. */
  readonly errors: readonly [what: string, answer: ReplayedAnswer, error: Members][];
}

interface Running extends AsyncDisposable {
  readonly replay: Replay;
  readonly client: M2MClientService;
  readonly verifier: M2MTokenVerifier;
}

export const userRefused = { code: 'ERR_M2M_CALLER_NOT_ALLOWED', message: expect.stringContaining("is a user's") };

export const unknownRefused = {
  code: 'ERR_M2M_CALLER_NOT_ALLOWED',
  message: expect.stringContaining('does not tell a machine from a user'),
};

export const invalid = (reason: string): Members => ({ code: 'ERR_M2M_INVALID_TOKEN', reason });

/** Replays a product to an application that is configured for it, on both its sides. */
export function replayProduct(name: string, product: Product): void {
  const { server, client, resourceServer, metadata, request } = product;
  const key = SigningKey.make(product.key.alg, product.key.members);
  const token = async (differs: Members = {}): Promise<string> =>
    (await key).sign(product.header, { iss: server.issuer, ...product.claims, ...differs });

  async function start(answer: ReplayedAnswer): Promise<Running> {
    const replay = await Replay.start({
      [metadata.url]: { body: { issuer: server.issuer, ...metadata.body } },
      [metadata.body.jwks_uri]: { body: { keys: [...(product.key.beside ?? []), (await key).jwk] } },
      [request.url]: answer,
    });
    const options = { authorizationServer: server, client, resourceServer, http: { httpsAgent: replay.httpsAgent } };
    const app: TestingModule = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] })
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile();
    await app.init();
    const stop = async (): Promise<void> => {
      await app.close();
      await replay[Symbol.asyncDispose]();
    };
    return {
      replay,
      client: app.get(M2MClientService),
      verifier: app.get(M2MTokenVerifier),
      [Symbol.asyncDispose]: stop,
    };
  }

  const issued = async (): Promise<ReplayedAnswer> => ({
    headers: { ...product.responseHeaders },
    // A token that outlasts `expires_in`.
    body: { access_token: await token({ exp: Math.floor(Date.now() / 1000) + 100_000 }), ...product.response },
  });

  describe(`an application against ${name}`, () => {
    it('is asked for a token as it wants to be, once, and issues one that passes', async () => {
      await using app = await start(await issued());
      const values = await Promise.all([app.client.getToken(), app.client.getToken()]);
      const [seen, ...others] = app.replay.requests(request.url);
      expect(others).toEqual([]);
      expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual(request.body);
      expect(seen).toMatchObject({
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': expect.stringMatching(/^application\/x-www-form-url/) },
      });
      expect(seen?.headers.authorization).toBe(request.authorization);
      expect(values[0]).toBe(values[1]);
      await expect(app.verifier.verify(values[0])).resolves.toMatchObject({ kind: 'machine', ...product.caller });
    });

    it('is believed about its lifetime and the scopes that it grants', async () => {
      await using app = await start(await issued());
      const before = Date.now();
      const { expiresAt, scope } = await app.client.getAccessToken();
      const lifetime = Number(product.response['expires_in']) * 1000;
      expect(expiresAt.getTime()).toBeGreaterThanOrEqual(before + lifetime);
      expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + lifetime);
      expect(scope).toEqual(product.granted);
    });

    for (const [what, differs, caller] of product.accepted) {
      it(`is believed about ${what}`, async () => {
        await using app = await start({});
        await expect(app.verifier.verify(await token(differs))).resolves.toMatchObject(caller);
      });
    }

    for (const [what, differs, error] of product.refused) {
      it(`is not believed about ${what}`, async () => {
        await using app = await start({});
        await expect(app.verifier.verify(await token(differs))).rejects.toMatchObject(error);
      });
    }

    for (const [what, answer, error] of product.errors) {
      it(`says no: ${what}`, async () => {
        await using app = await start(answer);
        const thrown: unknown = await app.client.getToken().catch((reason: unknown) => reason);
        expect(thrown).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', upstreamStatus: answer.status, ...error });
        const shown = `${String(thrown)} ${inspect(thrown, { depth: Infinity, showHidden: true })} ${JSON.stringify(thrown)}`;
        expect(shown).not.toContain(client.clientSecret);
        expect(shown).not.toContain(encodeURIComponent(client.clientSecret));
      });
    }
  });
}
