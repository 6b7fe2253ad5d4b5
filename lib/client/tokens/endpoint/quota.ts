import type { TokenQuota } from '../../events/stats.js';

/**
 * Reads Auth0's quota header: `b=per_hour;q=10;r=7;t=3540,b=per_day;q=100;r=90;t=80000`.
 *
 * @see {@link https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy Auth0: rate limits}
 */
export function readQuota(headers: Readonly<Record<string, string>>): readonly TokenQuota[] {
  const buckets = headers['auth0-client-quota-limit']?.split(',') ?? [];
  return buckets.flatMap((bucket) => {
    const parts = new Map(bucket.split(';').map((part) => part.trim().split('=') as [string, string | undefined]));
    const number = (name: string): number => Number(parts.get(name) ?? NaN);
    const [period, limit, remaining, seconds] = [parts.get('b'), number('q'), number('r'), number('t')];
    if (period === undefined || Number.isNaN(limit + remaining + seconds)) return [];
    return [{ period, limit, remaining, resetsIn: seconds * 1000 }];
  });
}
