import { isDeepStrictEqual } from 'node:util';
import { cutForLog, quoted, quotedList } from '../events/log-text.js';
import { bareUrl } from '../http/bare-url.js';
import { isObject, isText, memberOf } from '../validation/checks.js';
import type { Fields } from '../validation/fields.js';
import { NAMED_CLIENT_FIELDS } from './client-fields.js';
import { HTTP_FIELDS } from './http-fields.js';
import { INTROSPECTION_FIELDS } from './introspection-fields.js';
import type { M2MModuleOptions } from './module-options.js';
import { ISSUER_FIELDS, TRUSTED_ISSUER_FIELDS, VERIFICATION_FIELDS } from './resource-server-fields.js';
import { TARGET_FIELDS } from './target-fields.js';

type Section = Readonly<Record<string, unknown>>;

/** Options whose texts are shown. Of all others nothing but numbers, flags and `null` are. */
const SHOWN_TEXTS: ReadonlySet<string> = new Set(
  [
    'name issuer clientId audience resource scope organization url client insecureOrigins',
    'usableBy token rejectedWhen encodedSlashes warmup verifyScope actor requestedTokenType subjectTokenType when',
    'callers allowedClients allowedOrganizations algorithms tokenType realm unguarded scopes tenant',
  ].flatMap((names) => names.split(' ')),
);

/** What has no default, and is shown in any case. */
const WITHOUT_TABLE = { name: { default: undefined }, issuer: { default: undefined } };

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
    sectionLine('authorizationServer', WITHOUT_TABLE, given, read),
    sectionLine('client', NAMED_CLIENT_FIELDS, given, read),
    ...named('targets', TARGET_FIELDS, given['client'], read['client']),
    ...named('clients', NAMED_CLIENT_FIELDS, given['client'], read['client']),
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

type Table = Readonly<Record<string, Pick<Fields[string], 'default'>>>;

function named(name: string, fields: Table, client: unknown, ofEnvironment: unknown): (string | undefined)[] {
  const sections = isObject(client) ? client[name] : undefined;
  if (!isObject(sections)) return [];
  const read = isObject(ofEnvironment) && isObject(ofEnvironment[name]) ? ofEnvironment[name] : {};
  return Object.keys(sections).map((key) =>
    sectionLine(key, fields, sections, read, `client.${name}.${cutForLog(key)}`),
  );
}

function trustLines(resourceServer: unknown): (string | undefined)[] {
  const trust: unknown = isObject(resourceServer) ? resourceServer['trust'] : undefined;
  if (!Array.isArray(trust)) return [];
  return trust.map((entry: unknown, index) =>
    sectionLine('entry', TRUSTED_ISSUER_FIELDS, { entry }, {}, `resourceServer.trust[${index}]`),
  );
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
  const value = given ?? fallback;
  if (value === undefined) return [];
  return [`${name} ${shownValue(name, value)} (${originOf(name, given, ofEnvironment)})`];
}

/** The table of an option that is a section itself. */
function membersOf(name: string, fallback: unknown): Table | undefined {
  if (name === 'introspection') return INTROSPECTION_FIELDS;
  if (!isPlain(fallback)) return undefined;
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
  if (isText(value)) return quoted(bareUrl(value));
  return Array.isArray(value) && value.every(isText) ? quotedList(value.map(bareUrl)) : '[set]';
}
