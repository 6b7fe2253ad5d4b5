// A kept token, for a library that takes a token from a function that cannot wait.
import type { Observable } from 'rxjs';
import type { KeptToken, M2MClientService } from 'nestjs-m2m';

export async function tokenFunction(m2m: M2MClientService, controller: AbortController): Promise<() => string> {
  const kept: KeptToken = await m2m.keepToken({ scope: ['read'] } as const, controller);
  const changes: Observable<string> = kept.changes$;
  changes.subscribe({ complete: () => kept[Symbol.dispose]() });
  // @ts-expect-error: only the application's own token changes it
  kept.value = 'another';
  return () => kept.value;
}

export const keptByDefault = (m2m: M2MClientService): Promise<KeptToken> => m2m.keepToken();
