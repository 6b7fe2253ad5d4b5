import type { Type } from '@nestjs/common';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkNames, checkObject, isText, oneOf, section, texts, wholeNumber } from '../validation/checks.js';
import { describeValue, optionName, type Problems } from '../validation/problems.js';
import { resolveIssuers } from './resolve-issuers.js';
import type { ResolvedResourceServerOptions } from './resolved-options.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const names = [
  'authorizationServer',
  'audience',
  'allowedClients',
  'allowedOrganizations',
  'trust',
  'callers',
  'algorithms',
  'tokenType',
  'clockTolerance',
  'maxTokenAge',
  'cache',
  'keySet',
  'realm',
  'publicControllers',
  'warmup',
] as const satisfies (keyof M2MResourceServerOptions)[];

export function resolveResourceServer(
  problems: Problems,
  options: M2MResourceServerOptions | undefined,
  authorizationServer: AuthorizationServer | undefined,
): ResolvedResourceServerOptions | undefined {
  const path = 'resourceServer';
  if (options === undefined) return undefined;
  const write = "resourceServer: { audience: 'https://my-api' }, or no resourceServer at all";
  if (!checkObject(problems, path, options, write)) return undefined;
  checkNames(problems, path, options, names);
  return Object.freeze({
    issuers: resolveIssuers(problems, path, options, authorizationServer),
    algorithms: resolveAlgorithms(problems, `${path}.algorithms`, options.algorithms),
    tokenType: oneOf(problems, `${path}.tokenType`, options.tokenType, ['at+jwt', 'any'], 'any'),
    clockTolerance: milliseconds(problems, `${path}.clockTolerance`, options.clockTolerance, 5000, 60_000),
    maxTokenAge: milliseconds(problems, `${path}.maxTokenAge`, options.maxTokenAge, undefined),
    cache: resolveCache(problems, `${path}.cache`, options.cache),
    keySet: resolveKeySet(problems, `${path}.keySet`, options.keySet),
    realm: resolveRealm(problems, `${path}.realm`, options.realm),
    publicControllers: resolveControllers(problems, `${path}.publicControllers`, options.publicControllers),
    warmup: oneOf(problems, `${path}.warmup`, options.warmup, ['off', 'background', 'required'], 'off'),
  });
}

function resolveAlgorithms(problems: Problems, path: string, value: unknown): readonly string[] {
  const algorithms = texts(problems, path, value, 'RS256') ?? asymmetric;
  for (const algorithm of algorithms.filter((name) => !asymmetric.includes(name))) {
    problems.add(path, `holds ${algorithm}, which is not an asymmetric signature`, `algorithms: ['RS256']`);
  }
  return Object.freeze([...algorithms]);
}

/** A duration; one below a second is refused, because it is most likely meant in seconds. */
function milliseconds<D>(
  problems: Problems,
  path: string,
  value: number | undefined,
  fallback: D,
  most?: number,
): number | D {
  if (value !== undefined && value >= 1 && value <= 999) {
    const name = optionName(path);
    problems.add(
      path,
      `is ${value}, which is in milliseconds`,
      `${name}: ${value * 1000}, if ${value} seconds are meant`,
    );
    return fallback;
  }
  return wholeNumber(problems, path, value, { example: 5000, ...(most && { most }) }, fallback);
}

function resolveCache(
  problems: Problems,
  path: string,
  value: M2MResourceServerOptions['cache'],
): ResolvedResourceServerOptions['cache'] {
  if (value === false) return false;
  const cache = section(problems, path, value, ['maxTokens', 'ttl']);
  return Object.freeze({
    maxTokens: wholeNumber(
      problems,
      `${path}.maxTokens`,
      cache.maxTokens,
      { least: 1, most: 1_000_000, example: 10_000 },
      10_000,
    ),
    ttl: wholeNumber(problems, `${path}.ttl`, cache.ttl, { least: 1, example: 60_000 }, 60_000),
  });
}

function resolveKeySet(
  problems: Problems,
  path: string,
  value: M2MResourceServerOptions['keySet'],
): ResolvedResourceServerOptions['keySet'] {
  const keySet = section(problems, path, value, ['maxAge', 'cooldown', 'timeout', 'staleIfError']);
  const number = (name: 'maxAge' | 'cooldown' | 'timeout' | 'staleIfError', fallback: number, least = 1) =>
    wholeNumber(problems, `${path}.${name}`, keySet[name], { least, example: fallback }, fallback);
  return Object.freeze({
    maxAge: number('maxAge', 600_000),
    cooldown: number('cooldown', 30_000),
    timeout: number('timeout', 5000),
    staleIfError: number('staleIfError', 3_600_000, 0),
  });
}

function resolveRealm(problems: Problems, path: string, value: unknown = 'api'): string {
  if (isText(value) && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(value)) return value;
  problems.add(path, `${describeValue(value)} that does not fit into a header`, "realm: 'products'");
  return '';
}

function resolveControllers(problems: Problems, path: string, value: Type[] = []): readonly Type[] {
  if (Array.isArray(value) && value.every((controller) => typeof controller === 'function')) {
    return Object.freeze([...value]);
  }
  problems.add(path, `${describeValue(value)}, not a list of classes`, 'publicControllers: [HealthController]');
  return [];
}
