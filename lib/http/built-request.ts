import { allowInsecureRequests, customFetch, type CustomFetchOptions } from 'oauth4webapi';

/** A request that oauth4webapi has built. */
export interface BuiltRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: URLSearchParams;
}

/** The options by which oauth4webapi hands over a request in place of sending it. */
export interface BuildOptions {
  [customFetch](url: string, request: CustomFetchOptions<'POST', URLSearchParams>): Promise<Response>;
  readonly headers: undefined;
  readonly signal: undefined;
  readonly [allowInsecureRequests]: true;
}

/**
 * Builds a request with a function of oauth4webapi. It is not sent here, but by AuthorizationServerHttp.
 *
 * @param build calls the function with these options, and further ones
 */
export function buildRequest(build: (options: BuildOptions) => Promise<unknown>): Promise<BuiltRequest> {
  return new Promise((resolve, reject) => {
    build({
      [customFetch](url, { headers, body }) {
        // Without a charset, which some servers refuse.
        resolve({ url, headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, body });
        return Promise.resolve(new Response());
      },
      headers: undefined,
      signal: undefined,
      // AuthorizationServerHttp refuses insecure requests, and knows loopback hosts.
      [allowInsecureRequests]: true,
    }).catch(reject);
  });
}
