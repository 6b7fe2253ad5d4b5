/** The fields of an Axios request that decide where it goes. */
export interface RequestLocation {
  /** Axios's types say that it is a string, but URL objects work. */
  readonly url?: string | URL | undefined;
  readonly baseURL?: string | undefined;
  readonly allowAbsoluteUrls?: boolean | undefined;
}

const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/**
 * The URL of a request, put together as Axios does: an absolute URL overrides `baseURL`.
 * `params` are left out: they only ever add to the query, which no target looks at.
 */
export function finalUrl({ url, baseURL, allowAbsoluteUrls }: RequestLocation): string {
  const requested = url === undefined ? '' : String(url);
  if (!baseURL || (ABSOLUTE.test(requested) && allowAbsoluteUrls !== false)) return requested;
  return requested === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${requested.replace(/^\/+/, '')}`;
}
