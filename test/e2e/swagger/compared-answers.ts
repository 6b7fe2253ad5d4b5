import type { OpenAPIObject } from '@nestjs/swagger';
import type { TestIssuer } from '../../support/issuer.js';

/** What may come with a request, and the requirements of a document that it meets. */
export interface Credentials {
  readonly headers: Record<string, string>;
  readonly scheme?: string;
  readonly scopes?: readonly string[];
}

export interface DocumentedOperation {
  readonly path: string;
  readonly method: string;
  readonly security: Record<string, string[]>[] | undefined;
  readonly statuses: readonly string[];
}

/** A token of an issuer for each set of scopes. */
export function tokens(
  issuer: TestIssuer,
  scheme: string,
  aud: readonly string[],
  sets: readonly (readonly string[])[],
): Promise<Credentials[]> {
  return Promise.all(
    sets.map(async (scopes) => {
      const token = await issuer.mint({ scope: scopes.join(' '), aud });
      return { headers: { authorization: `Bearer ${token}` }, scheme, scopes };
    }),
  );
}

/** The operations of a document, without those of SEARCH, which Nest lists for `@All()` and OpenAPI does not know. */
export function operationsOf({ paths }: OpenAPIObject): DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const { security, responses } = operation;
      return [{ path, method: method.toUpperCase(), security, statuses: Object.keys(responses) }];
    }),
  );
}

/** The answer to a request, as it is and as a document says. */
export interface ComparedAnswer extends Pick<DocumentedOperation, 'method' | 'path' | 'security'> {
  readonly credentials: Pick<Credentials, 'scheme' | 'scopes'>;
  readonly status: number;
  readonly isLetIn: boolean;
  readonly isDocumented: boolean;
}

/** Sends a request for each operation and all credentials. */
export async function compare(
  url: string,
  operations: readonly DocumentedOperation[],
  all: readonly Credentials[],
): Promise<ComparedAnswer[]> {
  const compared: ComparedAnswer[] = [];
  for (const { method, path, security = [] } of operations) {
    for (const each of all) {
      const { headers, scheme, scopes } = each;
      const answer = await fetch(url + path.replaceAll(/\{\w+\}/g, '1'), { method, headers });
      await answer.body?.cancel();
      const isDocumented = security.length === 0 || security.some((requirement) => isMet(requirement, each));
      const { status, ok: isLetIn } = answer;
      compared.push({ method, path, security, credentials: { scheme, scopes }, status, isLetIn, isDocumented });
    }
  }
  return compared;
}

function isMet(requirement: Record<string, string[]>, { scheme, scopes = [], headers }: Credentials): boolean {
  const needed = Object.entries(requirement);
  // A token that comes must be good; other headers are ignored.
  if (needed.length === 0) return headers['authorization'] === undefined;
  return needed.every(([name, needs]) => name === scheme && needs.every((scope) => scopes.includes(scope)));
}
