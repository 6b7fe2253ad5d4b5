import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { proveCorpus } from '../conformance/prove-corpus.js';
import { installApplication } from './support/application.js';
import { run } from './support/run.js';
import { startApplication } from './support/running-application.js';

// `npm test` fires it at Nest 12.
let folder: string;
beforeAll(async () => {
  folder = await installApplication({ name: 'nest-11-guarded-api', fixtures: ['nest-11-guarded-api'] });
  await copyFile(join(import.meta.dirname, '../conformance/guarded-api.ts'), join(folder, 'src/guarded-api.ts'));
  await run('npm', ['run', 'build'], { cwd: folder });
});

it.each(['core', 'platform-express', 'platform-fastify'])('has @nestjs/%s 11', async (name) => {
  const manifest = await readFile(join(folder, 'node_modules/@nestjs', name, 'package.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ version: expect.stringMatching(/^11\./) });
});

proveCorpus(async (platform, issuers) => {
  const env = { PLATFORM: platform, ISSUERS: JSON.stringify(issuers), NO_COLOR: '1' };
  const api = await startApplication(process.execPath, folder, env);
  return {
    url: api.url,
    stop: async () => {
      await api[Symbol.asyncDispose]();
      return api.printed.join('\n');
    },
  };
});
