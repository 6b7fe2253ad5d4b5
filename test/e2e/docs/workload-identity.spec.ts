import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { TestAuthority } from '../../support/certificates.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { Replay } from '../authorization-servers/replay.js';
import { SigningKey } from '../authorization-servers/signing-key.js';

type Members = Readonly<Record<string, unknown>>;

@UseGuards(M2MGuard)
@Controller()
class Api {
  @Get()
  read(): string {
    return 'read';
  }

  @RequireScopes('deploy:shop')
  @Post()
  deploy(): string {
    return 'deployed';
  }
}

/** A platform, and what it says of workloads. */
interface Platform {
  /** As its code block has it. */
  readonly name: string;
  readonly issuer: string;
  readonly keys: string;
  readonly header: Members;
  /** Of an honest workload. */
  readonly claims: Members;
  /** What else passes. */
  readonly accepted: readonly [what: string, differs: Members][];
  /** What does not, and the answer. */
  readonly refused: readonly [what: string, differs: Members, status: number][];
  /** How an honest workload without the right to deploy differs. Without it, none has that right. */
  readonly withoutRight?: Members;
}

const seconds = Math.floor(Date.now() / 1000);
const elsewhere = 'https://other.example.com';

const kubernetes: Omit<Platform, 'keys'> = {
  name: 'Kubernetes',
  issuer: 'https://kubernetes.default.svc.cluster.local',
  header: {},
  claims: {
    aud: ['https://shop-api'],
    jti: '0bd3b1f8-8a3f-4c5b-9d41-6f1a9c0d8d10',
    'kubernetes.io': {
      namespace: 'shop',
      node: { name: 'node-1', uid: '34bfc9a8-1b2c-4e0f-8f54-6c2d3c9c6f01' },
      pod: { name: 'orders-6c9f', uid: '5fb5f61c-3d0a-4a49-8a4c-9f5de8e1a002' },
      serviceaccount: { name: 'orders', uid: '2f1c9b5e-7a55-4b0e-9f0a-4d0f6c1f0003' },
      warnafter: seconds + 200,
    },
    nbf: seconds,
    sub: 'system:serviceaccount:shop:orders',
  },
  accepted: [['several audiences', { aud: ['https://kubernetes.default.svc', 'https://shop-api'] }]],
  refused: [
    ['another service account of the cluster', { sub: 'system:serviceaccount:default:stranger' }, 403],
    ['the same name in another namespace', { sub: 'system:serviceaccount:stranger:orders' }, 403],
    ['a name that ends like it', { sub: 'x:system:serviceaccount:shop:orders' }, 401],
    ['a node', { sub: 'system:node:node-1' }, 401],
    ['no subject', { sub: undefined }, 401],
    ['another audience', { aud: ['https://kubernetes.default.svc'] }, 401],
    ['no audience', { aud: undefined }, 401],
    ['another cluster', { iss: 'https://kubernetes.default.svc' }, 401],
    ['an old secret', { iss: 'kubernetes/serviceaccount', aud: undefined, exp: undefined }, 401],
  ],
};

const platforms: readonly Platform[] = [
  {
    name: 'GitHub Actions',
    issuer: 'https://token.actions.githubusercontent.com',
    keys: 'https://token.actions.githubusercontent.com/.well-known/jwks',
    header: { typ: 'JWT', x5t: 'abc' },
    claims: {
      jti: 'd2b1a8f0-0c1e-4a3c-8ad2-0e3c8a5b0001',
      sub: 'repo:octo-org/octo-repo:environment:production',
      environment: 'production',
      aud: 'https://deploy-api',
      ref: 'refs/heads/main',
      sha: 'f1d2d2f924e986ac86fdf7b36c94bcdf32beec15',
      repository: 'octo-org/octo-repo',
      repository_owner: 'octo-org',
      repository_owner_id: '65',
      repository_id: '74',
      repository_visibility: 'private',
      run_id: '10',
      run_number: '10',
      run_attempt: '2',
      runner_environment: 'github-hosted',
      actor: 'octocat',
      actor_id: '12',
      workflow: 'deploy',
      workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
      head_ref: '',
      base_ref: '',
      event_name: 'workflow_dispatch',
      ref_protected: 'true',
      ref_type: 'branch',
      job_workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
      nbf: seconds,
    },
    accepted: [['a subject with ids', { sub: 'repo:octo-org@65/octo-repo@74:environment:production' }]],
    refused: [
      ['a repository of somebody else', { repository: 'stranger/octo-repo', repository_owner_id: '66' }, 403],
      ['another repository of the owner', { repository: 'octo-org/playground' }, 403],
      ['a repository whose name has a new owner', { repository_owner_id: '66' }, 403],
      ['no repository', { repository: undefined }, 401],
      ['the default audience', { aud: 'https://github.com/octo-org' }, 401],
      ['an enterprise', { iss: 'https://token.actions.githubusercontent.com/octo' }, 401],
    ],
    withoutRight: { environment: undefined, sub: 'repo:octo-org/octo-repo:pull_request', event_name: 'pull_request' },
  },
  {
    name: 'GitLab CI',
    issuer: 'https://gitlab.com',
    keys: 'https://gitlab.com/oauth/discovery/keys',
    header: { typ: 'JWT' },
    claims: {
      namespace_id: '72',
      namespace_path: 'acme',
      project_id: '20',
      project_path: 'acme/shop',
      user_id: '1',
      user_login: 'sample-user',
      user_email: 'sample-user@example.com',
      user_identities: [{ provider: 'github', extern_uid: '2435223452345' }],
      pipeline_id: '574',
      pipeline_source: 'push',
      job_id: '302',
      ref: 'main',
      ref_type: 'branch',
      ref_path: 'refs/heads/main',
      ref_protected: 'true',
      runner_id: 1,
      runner_environment: 'gitlab-hosted',
      sha: 'd6b0bd3a7e1e4d5a8a0c1c6c8a5b9f1a2c3d4e5f',
      project_visibility: 'private',
      sub: 'project_path:acme/shop:ref_type:branch:ref:main',
      aud: 'https://deploy-api',
      jti: '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b',
      nbf: seconds - 5,
    },
    accepted: [['several audiences', { aud: ['https://deploy-api', elsewhere] }]],
    refused: [
      ['a project of somebody else', { project_path: 'stranger/shop', namespace_id: '73' }, 403],
      ['a project whose path has a new owner', { namespace_id: '73' }, 403],
      ['the ID token of a user', { job_id: undefined, sub: '302', project_path: undefined }, 401],
      ['what has no job', { job_id: undefined }, 403],
      ['another audience', { aud: elsewhere }, 401],
    ],
    withoutRight: { ref: 'feature', ref_protected: 'false', sub: 'project_path:acme/shop:ref_type:branch:ref:feature' },
  },
  {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    keys: 'https://www.googleapis.com/oauth2/v3/certs',
    header: { typ: 'JWT' },
    claims: {
      aud: 'https://shop-api',
      azp: '102347073445354563810',
      email: 'orders@acme.iam.gserviceaccount.com',
      email_verified: true,
      sub: '102347073445354563810',
    },
    accepted: [
      ['no email address, as from the metadata server', { email: undefined, email_verified: undefined }],
      ['an email address as its presenter', { azp: 'orders@acme.iam.gserviceaccount.com' }],
      ['the account of a virtual machine', { email: '1-compute@developer.gserviceaccount.com' }],
    ],
    refused: [
      [
        'a service account of somebody else',
        { sub: '999', azp: '999', email: 'orders@evil.iam.gserviceaccount.com' },
        403,
      ],
      ['the email address without the id', { sub: '999', azp: '999' }, 403],
      ['a user who signed in', { azp: 'app.apps.googleusercontent.com', email: 'a@example.com', at_hash: 'abc' }, 401],
      ['a user', { azp: 'app.apps.googleusercontent.com', email: 'a@example.com' }, 403],
      ['an address that is not verified', { azp: 'app', email_verified: false }, 403],
      ['an address like one', { azp: 'app', email: 'orders@evilgserviceaccount.com' }, 403],
      ['another audience', { aud: elsewhere }, 401],
      ['a nonce', { nonce: 'n' }, 401],
    ],
  },
];

describe('docs/workload-identity.md', () => {
  const runner = new CodeRunner();
  afterAll(() => runner[Symbol.dispose]());

  let runs = 0;
  const run = async (code: string, replacements: Record<string, string> = {}): Promise<M2MModuleOptions> => {
    runs += 1;
    const exported = await runner.run<Record<string, M2MModuleOptions>>(`recipe-${runs}`, code, replacements);
    return Object.values(exported)[0] ?? {};
  };

  describe.each(platforms)('the recipe for $name', (platform) => {
    const { name, issuer, keys, header, claims, accepted, refused, withoutRight } = platform;
    let key: SigningKey;
    let replay: Replay;
    let app: GuardedApp;
    beforeAll(async () => {
      key = await SigningKey.make('RS256');
      replay = await Replay.start({
        [`${issuer}/.well-known/openid-configuration`]: { body: { issuer, jwks_uri: keys } },
        [keys]: { body: { keys: [key.jwk] } },
      });
      const options = { ...(await run(recipeFor(name))), http: { httpsAgent: replay.httpsAgent } };
      app = await startGuardedApp({ options, controllers: [Api] });
    });
    afterAll(async () => {
      await app[Symbol.asyncDispose]();
      await replay[Symbol.asyncDispose]();
    });

    const call = async (differs: Members = {}, method = 'GET'): Promise<number> => {
      const token = await key.sign(header, { iss: issuer, ...claims, ...differs });
      return (await fetch(app.url, { method, headers: { authorization: `Bearer ${token}` } })).status;
    };

    it('accepts an honest workload', async () => {
      await expect(call()).resolves.toBe(200);
    });

    it('gives a right only to a workload that the platform has given it', async () => {
      await expect(call({}, 'POST')).resolves.toBe(withoutRight ? 201 : 403);
      await expect(call(withoutRight, 'POST')).resolves.toBe(403);
      await expect(call(withoutRight)).resolves.toBe(200);
    });

    it.each(accepted)('accepts %s', async (_what, differs) => {
      await expect(call(differs)).resolves.toBe(200);
    });

    it.each(refused)('refuses %s', async (_what, differs, status) => {
      await expect(call(differs)).resolves.toBe(status);
    });

    it('refuses a token that somebody else signed', async () => {
      const forged = await (await SigningKey.make('RS256')).sign(header, { iss: issuer, ...claims });
      expect((await fetch(app.url, { headers: { authorization: `Bearer ${forged}` } })).status).toBe(401);
    });
  });

  it.each([kubernetes, ...platforms])(
    'the recipe for $name does not start without allowedClients',
    async ({ name }) => {
      const folder = mountedFolder('token', 'ca');
      const code = recipeFor(name).replace(/allowedClients: \[.*?\],?/, '');
      expect(code).not.toBe(recipeFor(name));
      const options = await run(code, { [MOUNTED]: folder });
      await expect(startGuardedApp({ options, controllers: [Api] })).rejects.toThrow(
        /allowedClients is missing: anybody can get a token/,
      );
      rmSync(folder, { recursive: true });
    },
  );

  describe('the recipe for Kubernetes', () => {
    const authority = new TestAuthority('kubernetes');
    const { key: tlsKey, cert } = authority.issue('kube-apiserver');
    const requests: (string | undefined)[] = [];
    let signing: SigningKey;
    let folder: string;
    let app: GuardedApp;
    const apiServer = createServer({ key: tlsKey, cert }, ({ url, headers }, response) => {
      requests.push(headers.authorization);
      const isKnown = headers.authorization === 'Bearer token-of-the-api';
      if (url !== '/openid/v1/jwks' || !isKnown) return response.writeHead(isKnown ? 404 : 401).end();
      response.writeHead(200, { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=3600' });
      return response.end(JSON.stringify({ keys: [signing.jwk] }));
    });
    beforeAll(async () => {
      signing = await SigningKey.make('RS256');
      await new Promise<void>((resolve) => apiServer.listen(0, '127.0.0.1', resolve));
      folder = mountedFolder('token-of-the-api', authority.cert);
      const { port } = apiServer.address() as AddressInfo;
      const options = await run(recipeFor(kubernetes.name), {
        [MOUNTED]: folder,
        'https://kubernetes.default.svc/openid': `https://127.0.0.1:${port}/openid`,
      });
      app = await startGuardedApp({ options, controllers: [Api] });
    });
    afterAll(async () => {
      await app[Symbol.asyncDispose]();
      await new Promise((resolve) => apiServer.close(resolve));
      rmSync(folder, { recursive: true });
    });

    const call = async (differs: Members = {}): Promise<number> => {
      const token = await signing.sign(kubernetes.header, { iss: kubernetes.issuer, ...kubernetes.claims, ...differs });
      return (await fetch(app.url, { headers: { authorization: `Bearer ${token}` } })).status;
    };

    it('accepts an honest pod, by keys that it reads with a token of its own', async () => {
      await expect(call()).resolves.toBe(200);
      expect(requests).toEqual(['Bearer token-of-the-api']);
    });

    it.each(kubernetes.accepted)('accepts %s', async (_what, differs) => {
      await expect(call(differs)).resolves.toBe(200);
    });

    it.each(kubernetes.refused)('refuses %s', async (_what, differs, status) => {
      await expect(call(differs)).resolves.toBe(status);
    });
  });
});

/** Where Kubernetes mounts the token and the authority of a pod. */
const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

function mountedFolder(token: string, ca: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-mounted-'));
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(join(folder, 'ca.crt'), ca);
  return folder;
}

function recipeFor(platform: string): string {
  return blockWith('docs/workload-identity.md', `name: '${platform}'`);
}
