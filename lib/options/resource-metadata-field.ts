import { bareUrl } from '../http/bare-url.js';
import { isText } from '../validation/checks.js';
import { custom, required, section, type Field, type FieldsOf, type Values } from '../validation/fields.js';
import { field, text, texts } from '../validation/field-types.js';
import { describeValue } from '../validation/problems.js';
import type { M2MResourceMetadataOptions } from './resource-metadata-options.js';

/** What the path of a resource may have: no router reads a pattern into it. */
const PATH = /^(?:\/[\w.~-]+)*\/?$/;

const RESOURCE = custom<string>((problems, path, value) => {
  if (isResource(value)) return value;
  const rule = 'not a URL in normal form, without user information, query and fragment, of letters, digits and - . _ ~';
  const seen = isText(value) ? `is ${bareUrl(value)}` : describeValue(value);
  problems.add(path, `${seen}, ${rule}`, [{ option: path, value: 'https://api.example.com/mcp' }]);
  return '';
});

const SCOPES = texts('read:products', true);

/** `resourceServer.resourceMetadata` */
export const RESOURCE_METADATA_FIELDS = {
  resource: required(RESOURCE),
  name: text('Products'),
  documentation: field({
    accepts: (value): value is string => isText(value) && /^https?:/i.test(value) && URL.canParse(value),
    problem: (value) => `${describeValue(value)}, not a URL of a web page`,
    example: "'https://docs.example.com/products'",
  }),
  scopes: custom<readonly string[] | 'all' | undefined>((problems, path, value) =>
    value === 'all' ? value : SCOPES.read(problems, path, value),
  ),
} as const satisfies FieldsOf<M2MResourceMetadataOptions>;

/** The metadata of the resource, with where they are. */
export interface ResolvedResourceMetadata extends Values<typeof RESOURCE_METADATA_FIELDS> {
  /** Where callers find them. */
  readonly url: string;
  /** The path of that URL. */
  readonly path: string;
}

const SECTION = section(RESOURCE_METADATA_FIELDS);

export const RESOURCE_METADATA: Field<ResolvedResourceMetadata | undefined> = custom<
  ResolvedResourceMetadata | undefined
>((problems, path, value) => {
  const before = problems.count;
  const fields = SECTION.read(problems, path, value);
  if (problems.count > before) return undefined;
  const { origin, pathname } = new URL(fields.resource);
  const metadataPath = metadataPathOf(pathname);
  return Object.freeze({ ...fields, url: origin + metadataPath, path: metadataPath });
});

/**
 * The path of the metadata of a resource: a well-known name before its own path.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 RFC 9728, section 3.1}
 */
function metadataPathOf(pathname: string): string {
  return `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
}

function isResource(value: unknown): value is string {
  if (!isText(value) || !URL.canParse(value)) return false;
  const { href, protocol, origin, pathname } = new URL(value);
  const isNormal = value === href || value === origin;
  return isNormal && /^https?:$/.test(protocol) && href === origin + pathname && PATH.test(pathname);
}
