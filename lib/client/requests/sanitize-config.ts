import type { InternalAxiosRequestConfig } from 'axios';

/** Fields through which other requests can be seen: agents hold sockets, and a stream knows its destination. */
const REVEALING = ['httpAgent', 'httpsAgent', 'data'] as const;

/** A request's config that can be sent again, and of which neither `inspect` nor JSON shows other requests. */
export function sanitizeConfig(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const hidden = REVEALING.filter((name) => isRevealing(name, config[name]));
  if (hidden.length === 0) return config;
  const sanitized = { ...config };
  for (const name of hidden) {
    let value: unknown = config[name];
    const set = (next: unknown): void => void (value = next);
    Object.defineProperty(sanitized, name, { get: () => value, set, enumerable: true, configurable: true });
  }
  const visible = Object.fromEntries(Object.entries(config).filter(([name]) => !hidden.some((key) => key === name)));
  return Object.defineProperty(sanitized, 'toJSON', { value: () => visible, configurable: true });
}

function isRevealing(name: string, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (name !== 'data' || 'pipe' in value);
}
