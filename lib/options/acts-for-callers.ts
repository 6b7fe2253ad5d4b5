import type { ResolvedOptions } from './resolved-options.js';

/** Whether requests to a target carry the token of a caller, or one in exchange for it. */
export function actsForCallers({ client }: Pick<ResolvedOptions, 'client'>): boolean {
  return client?.targets.some(({ tokenChoice }) => tokenChoice !== 'own') ?? false;
}
