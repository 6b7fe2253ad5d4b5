import { redactor } from '../../client/tokens/endpoint/redaction.js';
import type { M2MClientOptions } from '../../options/client-options.js';
import type { Check } from '../checks/check.js';
import type { Hide } from '../explain/shown-members.js';

/**
 * Hides the secret of a client, and the token that it got, in what the token and its response say: a server may repeat
 * them there.
 *
 * @param client as the environment says: its secret is a function
 */
export async function hidingCredentials(
  client: M2MClientOptions | undefined,
  token: string | undefined,
): Promise<Hide> {
  const { clientId = '', clientSecret } = client ?? {};
  const secret = typeof clientSecret === 'function' ? await clientSecret() : clientSecret;
  const pairs = secret ? [`${clientId}:${secret}`, secret, encodeURIComponent(secret)] : [];
  const credentials = [...pairs, token ?? ''];
  return (text) => {
    const shown = redactor(credentials)(text);
    // It drops more than credentials. Other texts stay as they are.
    return shown.includes('[redacted]') ? shown : text;
  };
}

/** A check of a token as a report may show it. */
export function hiddenIn(check: Check, hide: Hide): Check {
  const { seen, finding } = check;
  const shown = finding && { problem: hide(finding.problem), remedy: finding.remedy.split('\n').map(hide).join('\n') };
  return { ...check, seen: hide(seen), finding: shown };
}
