import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { installApplication } from './support/application.js';
import { run } from './support/run.js';

interface Seen {
  readonly imported: string[];
  readonly required: string[];
  readonly identical: boolean;
}

/** What every user of this package installs with it, beside the peers. */
const OWN_PACKAGES = [
  '@types/jsonwebtoken',
  '@types/ms',
  '@types/node',
  'buffer-equal-constant-time',
  'commander',
  'debug',
  'ecdsa-sig-formatter',
  'jose',
  'jsonwebtoken',
  'jwa',
  'jwks-rsa',
  'jws',
  'limiter',
  'lodash.clonedeep',
  'lodash.includes',
  'lodash.isboolean',
  'lodash.isinteger',
  'lodash.isnumber',
  'lodash.isplainobject',
  'lodash.isstring',
  'lodash.once',
  'lru-cache',
  'lru-memoizer',
  'ms',
  'oauth4webapi',
  'passport-jwt',
  'passport-strategy',
  'safe-buffer',
  'semver',
  'undici-types',
];

/** Optional peers by the sub-path that imports them. */
const OPTIONAL_PEERS: Readonly<Record<string, string>> = {
  './opentelemetry': '@opentelemetry/api',
  './terminus': '@nestjs/terminus',
};

describe.each([
  ['in an empty folder', 'empty', [], (subpath: string) => !Object.hasOwn(OPTIONAL_PEERS, subpath)],
  ['beside its optional peers', 'optional-peers', Object.values(OPTIONAL_PEERS), () => true],
] as const)('the package %s', (_, name, packages, isThere) => {
  let folder: string;
  let subpaths: string[];

  beforeAll(async () => {
    folder = await installApplication({ name, fixtures: ['empty'], packages });
    const manifest = await readFile(join(folder, 'node_modules/nestjs-m2m/package.json'), 'utf8');
    const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
    subpaths = Object.keys(exports).filter((subpath) => !subpath.endsWith('.json') && isThere(subpath));
  });

  it('offers the same from every export, whether it is imported or required', async () => {
    for (const subpath of subpaths) {
      const { imported, required, identical } = await look(`nestjs-m2m${subpath.slice(1)}`);
      expect({ subpath, offers: imported.length > 0 }).toEqual({ subpath, offers: true });
      expect({ subpath, required, identical }).toEqual({ subpath, required: imported, identical: true });
    }
  });

  it('brings the packages to its users that are known, and no other', async () => {
    expect([...(await packagesOf('nestjs-m2m'))].toSorted()).toEqual(OWN_PACKAGES);
  });

  /** The package's dependencies and all of theirs. Peers are no dependencies. */
  async function packagesOf(packageName: string, found = new Set<string>()): Promise<Set<string>> {
    const manifest = await readFile(join(folder, 'node_modules', packageName, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(dependencies).filter((key) => !found.has(key))) {
      await packagesOf(dependency, found.add(dependency));
    }
    return found;
  }

  /** In a process for each, so that none helps another to load. */
  async function look(specifier: string): Promise<Seen> {
    const script = `
      const required = require('${specifier}');
      import('${specifier}').then((imported) => {
        const names = (module) => Object.keys(module).filter((name) => !/^(__esModule|module\\.exports)$/.test(name));
        const identical = names(imported).every((name) => imported[name] === required[name]);
        console.log(JSON.stringify({ imported: names(imported), required: names(required), identical }));
      });`;
    return JSON.parse(await run(process.execPath, ['--eval', script], { cwd: folder })) as Seen;
  }
});
