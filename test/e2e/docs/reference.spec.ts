import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type * as Package from '../../../lib/index.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { AUTHORIZATION_SERVER_FIELDS } from '../../../lib/options/authorization-server-fields.js';
import { CLIENT_FIELDS } from '../../../lib/options/client-fields.js';
import { MODULE_FIELDS, resolveOptions } from '../../../lib/options/resolve-options.js';
import { RESOURCE_METADATA_FIELDS } from '../../../lib/options/resource-metadata-field.js';
import { RESOURCE_SERVER_FIELDS } from '../../../lib/options/resource-server-fields.js';
import { TARGET_FIELDS } from '../../../lib/options/target-fields.js';
import type { Fields } from '../../../lib/validation/fields.js';
import { blockWith, CodeRunner, manifest, page } from '../../support/documentation.js';
import { codeIn } from '../../support/markdown.js';
import { PRODUCTS_API } from '../../support/oidc-provider.js';
import { root, TypeCheck } from '../../support/type-check.js';

const reference = page('docs/reference.md');
const index = readFileSync(join(root, 'lib/index.ts'), 'utf8');

const servers = reference.table('## Authorization servers').map(([name = '', factory = '', requested = '']) => ({
  name,
  factory: codeIn(factory)[0] ?? '',
  requested: codeIn(requested)[0] ?? '',
}));
const names = servers.map(({ factory }) => factory.split('(')[0]).join(', ');
const tableOfServers = `
import { ${names}, type M2MTokenOptions, type AuthorizationServer } from 'nestjs-m2m';
export const servers: { server: AuthorizationServer; requested: M2MTokenOptions }[] = [
${servers.map(({ factory, requested }) => `  { server: ${factory}, requested: ${requested} },`).join('\n')}
];`;

describe('docs/reference.md', () => {
  let types: TypeCheck;
  beforeAll(() => {
    types = new TypeCheck({ 'test/authorization-servers-of-the-reference.ts': tableOfServers });
  }, 60_000);

  it('has a table of authorization servers that compiles', () => {
    expect(types.problems()).toEqual([]);
  }, 60_000);

  it.each([
    ['`forRoot` takes:', 'M2MModuleOptions', MODULE_FIELDS],
    ['### `client`\n', 'M2MClientOptions', CLIENT_FIELDS],
    ['### `client.targets.<name>`\n', 'M2MTarget', TARGET_FIELDS],
    ['### `resourceServer`\n', 'M2MResourceServerOptions', RESOURCE_SERVER_FIELDS],
    ['### Metadata of the resource\n', 'M2MResourceMetadataOptions', RESOURCE_METADATA_FIELDS],
    ['### `AuthorizationServer`\n', 'AuthorizationServer', AUTHORIZATION_SERVER_FIELDS],
  ])('names every option after %s', (heading, type, fields) => {
    const options = reference.table(heading).flatMap(([option = '']) => codeIn(option));
    const named = new Set(options.map((option) => option.split('.')[0]));
    expect(named).toEqual(new Set(Object.keys(fields)));
    expect(named).toEqual(new Set(types.membersOf(type)));
  });

  it('names every member of a kept token', () => {
    const members = reference.table('### Kept tokens').flatMap(([member = '']) => codeIn(member));
    const declared = types.membersOf('KeptToken').filter((member) => !/^(?:__|#)/.test(member));
    expect(members).toEqual([...declared.map((member) => (member === 'close' ? 'close()' : member)), 'Symbol.dispose']);
  });

  it('names every total of stats()', () => {
    const [, totals = ''] = /`M2MClientService\.stats\(\)` has the totals([^.]*)\./.exec(reference.text) ?? [];
    expect(new Set(codeIn(totals))).toEqual(new Set(types.membersOf('M2MClientStats')));
  });

  it('names every total of stats() of the resource server', () => {
    const rows = reference.table('`M2MTokenVerifier.stats()` has the totals');
    expect(rows.flatMap(([total = '']) => codeIn(total))).toEqual(types.membersOf('M2MResourceServerStats'));
    expect(codeIn(rows.at(-1)?.[1] ?? '')).toEqual(types.membersOf('M2MKeySetStats'));
  });

  it('names every field of a handler', () => {
    const fields = reference.table('`M2MHandlers.list()` has every handler').flatMap(([field = '']) => codeIn(field));
    expect(new Set(fields)).toEqual(new Set(types.membersOf('M2MHandler')));
  });

  it.each<[string, Fields]>([
    ['### `client`\n', CLIENT_FIELDS],
    ['### `client.targets.<name>`\n', TARGET_FIELDS],
    ['### `resourceServer`\n', RESOURCE_SERVER_FIELDS],
  ])('states the defaults after %s', (heading, fields) => {
    const inOwnWords = expect.not.stringMatching(/^(?:required|[\d, ]+|`'.*'`)$/) as unknown;
    for (const [options = '', , stated] of reference.table(heading)) {
      const option = codeIn(options)[0] ?? '';
      const field = Object.hasOwn(fields, option) ? fields[option] : undefined;
      expect({ option, stated }).toEqual({ option, stated: (field && defaultOf(field)) ?? inOwnWords });
    }
  });

  it('lists every decorator of a condition', () => {
    const conditions = index.matchAll(/export \{ (\w+) \} from '.*\/decorators\/[\w-]+\.decorator\.js'/g);
    const ofArguments = new Set(['Caller', 'CallerToken']);
    const exported = [...conditions].map(([, name = '']) => name).filter((name) => !ofArguments.has(name));
    const listed = reference
      .table('## Decorators')
      .flatMap(([decorator = '']) => codeIn(decorator))
      .map((decorator) => /^@(\w+)/.exec(decorator)?.[1]);
    expect(new Set(listed)).toEqual(new Set(exported));
    expect(listed.length).toBeGreaterThan(3);
  });

  it('lists every error code with its class', () => {
    const files = index.matchAll(/'\.\/(errors\/[\w-]+\.error)\.js'/g);
    const codes = [...files].flatMap(([, file = '']) => {
      const source = readFileSync(join(root, `lib/${file}.ts`), 'utf8');
      const [, name, code] = /class (\w+) extends M2MError .*?code = '(\w+)'/s.exec(source) ?? [];
      return name && code ? [{ name, code }] : [];
    });
    const listed = reference
      .table('## Errors')
      .map(([code = '', name = '']) => ({ name: codeIn(name)[0], code: codeIn(code)[0] }));
    expect(listed.toSorted(byCode)).toEqual(codes.toSorted(byCode));
    expect(listed.length).toBeGreaterThan(10);
  });

  it.each([
    ['## Events of the client', 'client', ['client']],
    ['## Events of the resource server', 'resource-server', []],
  ])('lists every event with its fields: %s', (heading, room, everywhere) => {
    const [, file = ''] = new RegExp(`'\\./(${room}/events/[\\w-]*-event)\\.js'`).exec(index) ?? [];
    const source = readFileSync(join(root, `lib/${file}.ts`), 'utf8');
    const inherited = /interface TokenEvent \{(.*?)\n\}/s.exec(source)?.[1] ?? '';
    const events = source.matchAll(/(extends TokenEvent )?\{[^{}]*?readonly type: '([\w-]+)'([^{}]*)\}/g);
    const expected = [...events].map(([, extended, type = '', own = '']) =>
      described(type, [...everywhere, ...fieldsOf(extended ? inherited : ''), ...fieldsOf(own)]),
    );
    const listed = reference
      .table(heading)
      .map(([type = '', , fields = '']) => described(codeIn(type)[0] ?? '', [...everywhere, ...codeIn(fields)]));
    expect(new Set(listed)).toEqual(new Set(expected));
    expect(listed.length).toBeGreaterThan(4);
  });

  it('states the ranges of the peers', () => {
    const inNestRow = new Set(['@nestjs/common', '@nestjs/core']);
    const [, stated = ''] = reference.table('## Compatibility').find(([name]) => name === 'peers') ?? [];
    const peers = Object.entries(manifest.peerDependencies).filter(([name]) => !inNestRow.has(name));
    const ranges = peers.flatMap(([name, range]) => [name, ...range.split(' || ')]);
    expect(new Set(codeIn(stated))).toEqual(
      new Set([...ranges, 'nestjs-m2m/redis', 'nestjs-m2m/opentelemetry', 'nestjs-m2m/swagger', 'nestjs-m2m/terminus']),
    );
  });

  it('lists every environment variable', () => {
    const listed = reference
      .table('## Environment variables')
      .flatMap(([variables = '']) => codeIn(variables))
      .filter((variable) => variable.startsWith('M2M_') && !variable.includes('<NAME>'));
    expect(() => optionsFromEnvironment({ M2M_MISSPELT: '1' })).toThrow(
      `one of ${listed.join(', ')}, M2M_TARGET_<NAME>_URL`,
    );
  });
});

describe('what docs/reference.md shows', () => {
  const runner = new CodeRunner();
  const environment = { ...process.env };
  afterAll(() => {
    runner[Symbol.dispose]();
    process.env = environment;
  });

  it('runs from the environment', async () => {
    Object.assign(process.env, {
      M2M_ISSUER: 'https://id.example.com',
      M2M_API_AUDIENCE: PRODUCTS_API,
      M2M_CLIENT_ID: 'orders',
      M2M_CLIENT_SECRET: 'orders-secret',
    });
    const { AppModule } = await runner.run<{ AppModule: Type }>(
      'environment',
      blockWith('docs/reference.md', 'forRootAsync()'),
    );
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await expect(app.init()).resolves.toBeDefined();
    await app.close();
  });

  it('asks every authorization server in a way that it understands', async () => {
    const { servers: all } = await runner.run<{
      servers: { server: Package.AuthorizationServer; requested: Package.M2MTokenOptions }[];
    }>('servers', tableOfServers);
    for (const { server, requested } of all) {
      const client = {
        clientId: 'orders',
        clientSecret: 'secret',
        targets: { shop: { url: 'https://shop-api', ...requested } },
      };
      expect(() => resolveOptions({ authorizationServer: server, client })).not.toThrow();
    }
    const exported = index.matchAll(
      /export \{ (\w+)(?:, type \w+)? \} from '\.\/(authorization-servers\/(?:[\w-]+\/)?[\w-]+)\.js'/g,
    );
    const factories = [...exported].filter(([, , file = '']) =>
      readFileSync(join(root, `lib/${file}.ts`), 'utf8').includes('): AuthorizationServer {'),
    );
    expect(new Set(names.split(', '))).toEqual(new Set(factories.map(([, name]) => name)));
  });
});

/** What the page says of a default: numbers, a word or `required`; `undefined` if it says it in its own words. */
function defaultOf(field: Fields[string]): string | undefined {
  if (field.isRequired) return 'required';
  if (typeof field.default === 'string') return `\`'${field.default}'\``;
  const values: readonly unknown[] =
    typeof field.default === 'object' && field.default !== null ? Object.values(field.default) : [field.default];
  if (values.length > 0 && values.every((value) => value === Infinity)) return 'unlimited';
  return values.length > 0 && values.every(Number.isFinite) ? values.join(', ') : undefined;
}

/** The names of an interface's fields. */
function fieldsOf(members: string): string[] {
  return [...members.matchAll(/readonly (\w+)\??:/g)].map(([, field = '']) => field);
}

function described(type: string, fields: readonly string[]): string {
  return `${type}: ${[...new Set(fields)].toSorted((a, b) => a.localeCompare(b)).join(', ')}`;
}

function byCode(a: { code: string | undefined }, b: { code: string | undefined }): number {
  return (a.code ?? '').localeCompare(b.code ?? '');
}
