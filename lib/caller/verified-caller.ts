import type { CallerClaims, CallerKind, Claims } from '../authorization-servers/authorization-server.js';
import type { M2MCaller } from './m2m-caller.js';

/** The caller that a verified token names. It keeps the payload as bytes, and parses the claims when they are asked for. */
export class VerifiedCaller implements M2MCaller {
  readonly clientId: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly organization: string | undefined;
  readonly kind: CallerKind;
  readonly #expiresAt: number;
  readonly #payload: string;
  #claims: WeakRef<Claims> | undefined;

  /**
   * @param expiresAt seconds since the epoch
   * @param payload of the token, one character for each byte
   */
  constructor(
    issuer: string,
    caller: CallerClaims & { readonly clientId: string },
    expiresAt: number,
    payload: string,
  ) {
    this.issuer = issuer;
    this.clientId = caller.clientId;
    this.audience = caller.audience;
    this.scopes = caller.scopes;
    this.organization = caller.organization;
    this.kind = caller.kind;
    this.#expiresAt = expiresAt;
    this.#payload = payload;
    Object.freeze(this);
  }

  get subject(): string | undefined {
    return this.claims['sub'] as string | undefined;
  }

  /** What it keeps of the token. */
  get payloadBytes(): number {
    return this.#payload.length;
  }

  get expiresAt(): Date {
    return new Date(this.#expiresAt * 1000);
  }

  get claims(): Claims {
    const kept = this.#claims?.deref();
    if (kept) return kept;
    const claims = deepFreeze(JSON.parse(Buffer.from(this.#payload, 'latin1').toString('utf8')) as Claims);
    this.#claims = new WeakRef(claims);
    return claims;
  }

  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  toJSON(): object {
    const { clientId, issuer, subject, audience, scopes, organization, kind, expiresAt, claims } = this;
    return { clientId, issuer, subject, audience, scopes, organization, kind, expiresAt, claims };
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) deepFreeze(item as object);
  return Object.freeze(value);
}
