import { ok, unknown, wrong, type Check } from '../checks/check.js';
import { networkFinding } from './network-findings.js';
import type { ProbedHost } from './probed-host.js';

const DNS_FAILURES = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** DNS, connection and certificate of a host. */
export function checkHost({ url, addresses, failure, certificate }: ProbedHost): readonly Check[] {
  const [dns, tls] = [`dns ${url.hostname}`, `tls ${url.host}`];
  if (failure !== undefined && DNS_FAILURES.has(failure)) return [wrongBy(dns, failure)];
  const found = addresses.length > 0 ? [ok(dns, addresses.join(', '))] : [];
  if (failure !== undefined) return [...found, wrongBy(`connection ${url.host}`, failure)];
  if (!certificate) return url.protocol === 'https:' ? [...found, unknown(tls, 'no certificate')] : found;
  const { error, issuer, validTo } = certificate;
  const seen = `issued by ${issuer || 'nobody'}, valid until ${validTo}`;
  return [...found, error === undefined ? ok(tls, seen) : wrongBy(tls, error, seen)];
}

function wrongBy(name: string, code: string, seen = ''): Check {
  const { problem, remedy } = networkFinding(code);
  return wrong(name, problem, remedy, seen);
}
