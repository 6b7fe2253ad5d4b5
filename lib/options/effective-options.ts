import { isDeepStrictEqual } from 'node:util';
import { escaped } from '../errors/printable.js';
import { cutForLog, quoted, quotedList } from '../events/log-text.js';
import { bareUrl } from '../http/bare-url.js';
import { isObject, isText, memberOf } from '../validation/checks.js';
import type { Fields } from '../validation/fields.js';
import { AUTHORIZATION_SERVER_FIELDS } from './authorization-server-fields.js';
import { NAMED_CLIENT_FIELDS } from './client-fields.js';
import { HTTP_FIELDS } from './http-fields.js';
import { INTROSPECTION_FIELDS } from './introspection-fields.js';
import type { M2MModuleOptions } from './module-options.js';
import { RESOURCE_METADATA_FIELDS } from './resource-metadata-field.js';
import {
  ISSUER_FIELDS,
  RESOLVER_FIELDS,
  TRUSTED_ISSUER_FIELDS,
  VERIFICATION_FIELDS,
} from './resource-server-fields.js';
import { TARGET_FIELDS } from './target-fields.js';

type Section = Readonly<Record<string, unknown>>;

/** Options whose texts are shown. Of all others nothing but numbers, flags and `null` are. */
const SHOWN_TEXTS: ReadonlySet<string> = new Set(
  [
    'name issuer acceptedIssuers metadataUrl tokenEndpoint jwksUri introspectionEndpoint assertionAudience requestFormat',
    'tokenExchange absentScope method clientId audience resource scope organization url client insecureOrigins',
    'usableBy token rejectedWhen encodedSlashes warmup verifyScope actor requestedTokenType subjectTokenType when',
    'callers allowedClients allowedOrganizations algorithms tokenType realm unguarded scopes tenant documentation',
    'allowedHosts',
  ].flatMap((names) => names.split(' ')),
);

type Table = Readonly<Record<string, Pick<Fields[string], 'default'>>>;

/** The options that are sections without defaults of their own. */
const SECTIONS: ReadonlyMap<string, Table> = new Map<string, Table>([
  ['authorizationServer', AUTHORIZATION_SERVER_FIELDS],
  // Of its members only this one is the same in all methods.
  ['clientAuthentication', { method: { default: undefined } }],
  ['introspection', INTROSPECTION_FIELDS],
  ['resourceMetadata', RESOURCE_METADATA_FIELDS],
]);

/**
 * The options of an application with their defaults, one line for each section. Each value says where it came from.
 * Secrets, functions, keys and other objects are shown as `[set]`.
 *
 * @param options as they were given, and found to be right
 * @param environment the options that were read from the environment; default: none were
 */
export function effectiveOptions(options: M2MModuleOptions, environment: M2MModuleOptions = {}): readonly string[] {
  const [given, read] = [options as Section, environment as Section];
  const lines: (string | undefined)[] = [
    sectionLine('authorizationServer', AUTHORIZATION_SERVER_FIELDS, given, read),
    sectionLine('client', NAMED_CLIENT_FIELDS, given, read),
    ...named('targets', targetFields, given['client'], read['client']),
    ...clientLines(given['client'], read['client']),
    sectionLine('resourceServer', { ...ISSUER_FIELDS, ...VERIFICATION_FIELDS }, given, read),
    ...trustLines(given['resourceServer']),
    sectionLine('http', HTTP_FIELDS, given, read),
    options.insecureOrigins && `insecureOrigins: ${shownField('insecureOrigins', undefined, given, read).join('')}`,
  ];
  return lines.filter((line) => line !== undefined);
}

function sectionLine(name: string, fields: Table, given: Section, read: Section, path = name): string | undefined {
  const [section, ofEnvironment] = [given[name], read[name]];
  if (!isObject(section)) return undefined;
  const shown = Object.keys(fields).flatMap((field) =>
    shownField(field, fields[field]?.default, section, isObject(ofEnvironment) ? ofEnvironment : {}),
  );
  return `${path}: ${shown.join(', ')}`;
}

/** Answers to the token of a caller are not listened to. */
function targetFields(target: unknown): Table {
  const isRelayed = isObject(target) && target['token'] === 'relay';
  return isRelayed ? { ...TARGET_FIELDS, rejectedWhen: { default: 'never' } } : TARGET_FIELDS;
}

function clientLines(client: unknown, ofEnvironment: unknown): (string | undefined)[] {
  const clients: unknown = isObject(client) ? client['clients'] : undefined;
  const resolver = typeof clients === 'function' ? { resolve: clients } : clients;
  if (isResolver(resolver))
    return [sectionLine('clients', RESOLVER_FIELDS, { clients: resolver }, {}, 'client.clients')];
  return named('clients', () => NAMED_CLIENT_FIELDS, client, ofEnvironment);
}

/** A function finds what is not listed. */
function isResolver(value: unknown): boolean {
  return isObject(value) && typeof value['resolve'] === 'function';
}

function named(
  name: string,
  fieldsOf: (section: unknown) => Table,
  client: unknown,
  ofEnvironment: unknown,
): (string | undefined)[] {
  const sections = isObject(client) ? client[name] : undefined;
  if (!isObject(sections)) return [];
  const read = isObject(ofEnvironment) && isObject(ofEnvironment[name]) ? ofEnvironment[name] : {};
  return Object.keys(sections).map((key) =>
    sectionLine(key, fieldsOf(sections[key]), sections, read, `client.${name}.${escaped(cutForLog(key))}`),
  );
}

function trustLines(resourceServer: unknown): (string | undefined)[] {
  const trust: unknown = isObject(resourceServer) ? resourceServer['trust'] : undefined;
  if (!Array.isArray(trust)) return [];
  return trust.map((entry: unknown, index) => {
    const fields: Table = isResolver(entry) ? RESOLVER_FIELDS : TRUSTED_ISSUER_FIELDS;
    return sectionLine('entry', fields, { entry }, {}, `resourceServer.trust[${index}]`);
  });
}

/** The parts of a line about one option: none if it is left out and has no default. */
function shownField(name: string, fallback: unknown, section: Section, ofEnvironment: Section): readonly string[] {
  const given = memberOf(section, name);
  const members = membersOf(name, fallback);
  if (members && (isPlain(given) || (given === undefined && fallback !== undefined))) {
    const read = memberOf(ofEnvironment, name);
    return Object.keys(members).flatMap((member) =>
      shownField(member, members[member]?.default, given ?? {}, isObject(read) ? read : {}).map(
        (text) => `${name}.${text}`,
      ),
    );
  }
  const value = given === undefined ? fallback : given;
  // A function that is the default is the standard.
  if (value === undefined || (given === undefined && typeof value === 'function')) return [];
  return [`${name} ${shownValue(name, value)} (${originOf(name, given, ofEnvironment)})`];
}

/** The table of an option that is a section itself. */
function membersOf(name: string, fallback: unknown): Table | undefined {
  const listed = SECTIONS.get(name);
  if (listed || !isPlain(fallback)) return listed;
  return Object.fromEntries(Object.entries(fallback).map(([member, value]) => [member, { default: value }]));
}

/** An option that was spread still came from the environment, if it is the same as there. */
function originOf(name: string, given: unknown, ofEnvironment: Section): string {
  if (given === undefined) return 'default';
  return isDeepStrictEqual(memberOf(ofEnvironment, name), given) ? 'environment' : 'option';
}

function isPlain(value: unknown): value is Section {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype;
}

function shownValue(name: string, value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.length === 0) return '[]';
  if (!SHOWN_TEXTS.has(name)) return '[set]';
  if (isText(value)) return quoted(withoutSecrets(value));
  return Array.isArray(value) && value.every(isText) ? quotedList(value.map(withoutSecrets)) : '[set]';
}

/** A scope and a name of a client may have the signs that end the path of a URL. */
function withoutSecrets(text: string): string {
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? bareUrl(text) : text;
}
