import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { inOneLine } from '../../errors/printable.js';
import { LONGEST_CLIENT_NAME } from '../../options/client-name.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { clientInWords } from '../events/client-in-words.js';
import { isText } from '../../validation/checks.js';
import { listed } from '../../validation/listed.js';
import { describeValue } from '../../validation/problems.js';
import { similarName } from '../../validation/similar-name.js';

/** Letters of an unknown name that an error shows. */
const LONGEST_NAME = 100;

/**
 * @param name what the application gave as a name
 * @throws M2MConfigurationError for a name that the options do not have
 */
export function unknownName(kind: 'client' | 'target', name: unknown, known: readonly string[]): never {
  const options = known.length === 0 ? `the options have no ${kind}` : `the options have ${listed(known)}`;
  const fields = kind === 'target' ? "url: 'https://...'" : "clientId: '...', clientSecret: () => ...";
  const define = (key: string): string => `client: { ${kind}s: { ${key}: { ${fields} } } }`;
  const option = `client.${kind}s`;
  if (!isText(name)) {
    const problem = `are searched for a name that ${describeValue(name)}; ${options}`;
    const remedy = known[0] === undefined ? define('name') : JSON.stringify(known[0]);
    throw new M2MConfigurationError({ option, problem, remedy });
  }
  const seen = inOneLine(name.slice(0, LONGEST_NAME));
  const similar = similarName(name, known);
  const remedy = [...(similar === undefined ? [] : [JSON.stringify(similar)]), define(JSON.stringify(seen))];
  const problem = `is requested, but ${options}`;
  throw new M2MConfigurationError({ option: `${option}.${seen}`, problem, remedy: remedy.join('\nor ') });
}

/** @throws M2MConfigurationError for a target that uses the credentials of another client than the one requested */
export function targetOfAnother(target: ResolvedTarget, client: string): never {
  const name = JSON.stringify(target.name);
  if (target.tokenChoice === 'relay') {
    throw new M2MConfigurationError({
      option: `client.targets.${target.name}`,
      problem: `has token: 'relay', which uses no client's credentials, but is requested of ${clientInWords(client)}`,
      remedy: `m2m.for(${name}) of M2MClientService itself, without client`,
    });
  }
  throw new M2MConfigurationError({
    option: `client.targets.${target.name}`,
    problem: `uses the credentials of ${clientInWords(target.client)}, but is requested of ${clientInWords(client)}`,
    remedy: `${name}: { usableBy: 'any-client' }\nor ${name}: { client: ${JSON.stringify(inOneLine(client))} }`,
  });
}

/** @throws M2MConfigurationError for a request of a named client's service that names another client */
export function clientOfAnother(requested: string, client: string): never {
  throw new M2MConfigurationError({
    option: 'm2m.client',
    problem: `names ${clientInWords(requested)}, but the request is made through m2m.client(${JSON.stringify(inOneLine(client))})`,
    remedy: `m2m.client(${JSON.stringify(inOneLine(requested))})\nor m2m: { client } on a request of M2MClientService itself`,
  });
}

/** @throws M2MConfigurationError for a name that the function of the options is not asked for */
export function notAskable(name: unknown): never {
  const problem = isText(name) ? `has ${name.length} characters` : describeValue(name);
  throw new M2MConfigurationError({
    option: 'client.clients',
    problem: `is a function, and is not asked for a name that ${problem}; names have 1 to ${LONGEST_CLIENT_NAME} characters`,
    remedy: "m2m.client('tenant-7')",
  });
}

/** @throws M2MConfigurationError for a client that stands in the options, and stays as long as they do */
export function notForgettable(name: string): never {
  throw new M2MConfigurationError({
    option: `client.clients.${inOneLine(name)}`,
    problem: 'stands in the options: only clients that a function finds can be forgotten',
    remedy: 'clients: (name) => tenants.find(name)',
  });
}

/** The error of a name for which the function of the options returned no client. */
export function clientNotFound(name: string): M2MConfigurationError {
  return new M2MConfigurationError({
    option: `client.clients('${inOneLine(name)}')`,
    problem: 'is undefined: the function knows no client of this name',
    remedy: "clients: (name) => ({ clientId: '...', clientSecret: () => ... })",
  });
}

/** @throws M2MConfigurationError for an application without an outbound half */
export function clientMissing(): never {
  throw new M2MConfigurationError({
    option: 'client',
    problem: 'is missing, but M2MClientService is used',
    kind: 'missing',
    remedy: [
      'M2MModule.forRoot({',
      "  authorizationServer: oidc({ issuer: 'https://...' }),",
      "  client: { clientId: '...', clientSecret: () => ..., targets: { shop: { url: 'https://...' } } },",
      '})',
    ].join('\n'),
  });
}
