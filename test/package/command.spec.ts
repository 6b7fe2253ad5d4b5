import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';
import { installApplication } from './support/application.js';
import { run } from './support/run.js';

describe('the command of the package', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await installApplication({ name: 'command', fixtures: ['empty'] });
  });

  const command = (args: string, env: Record<string, string> = {}): Promise<string> =>
    run(join(folder, 'node_modules/.bin/nestjs-m2m'), args.split(' '), { cwd: folder, env });

  it('says its version', async () => {
    const manifest = readFileSync(join(folder, 'node_modules/nestjs-m2m/package.json'), 'utf8');
    expect(await command('--version')).toBe(`${(JSON.parse(manifest) as { version: string }).version}\n`);
  });

  it('prints a token', async () => {
    await using server = await TestOidcProvider.start();
    const options = `token --issuer ${server.issuer} --client-id orders --resource ${PRODUCTS_API}`;
    const token = await command(options, { M2M_CLIENT_SECRET: 'orders-secret' });
    expect(decodeJwt(token.trim())).toMatchObject({ client_id: 'orders', aud: PRODUCTS_API });
  });

  it('fails where the secret is missing', async () => {
    const options = 'token --issuer https://id.example.com --client-id orders';
    await expect(command(options)).rejects.toMatchObject({ cause: { code: 2 } });
  });
});
