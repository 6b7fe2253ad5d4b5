import type { CallerClaims, CallerKind, Claims } from '../authorization-servers/authorization-server.js';
import type { M2MCaller } from './m2m-caller.js';

/** What an item of a list costs in memory beside its characters. */
const BYTES_PER_ITEM = 40;

/** The caller that a verified token names. It keeps the payload as bytes, and parses the claims when they are asked for. */
export class VerifiedCaller implements M2MCaller {
  /** One function for all callers: a function of its own would be the dearest part of a caller. */
  static readonly #claimsField: PropertyDescriptor & ThisType<VerifiedCaller> = {
    get() {
      // Test runners print copies that are made of descriptors, and have no payload.
      return #payload in this ? this.#readClaims() : undefined;
    },
    enumerable: true,
  };

  readonly clientId: string;
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly organization: string | undefined;
  readonly tenant: string | undefined;
  readonly kind: CallerKind;
  readonly expiresAt: number;
  declare readonly claims: Claims;
  readonly #payload: string;
  /** It belongs to the options. */
  readonly #acceptedAudience: readonly string[];
  #claims: WeakRef<Claims> | undefined;

  /**
   * @param caller what the token says of it; its lists are frozen
   * @param expiresAt milliseconds since the epoch
   * @param payload of the token, one character for each byte
   * @param acceptedAudience what tokens of its issuer are accepted for
   * @param tenant that of its issuer, one text for all of its callers
   */
  constructor(
    issuer: string,
    caller: CallerClaims & { readonly clientId: string },
    subject: string | undefined,
    expiresAt: number,
    payload: string,
    acceptedAudience: readonly string[] = [],
    tenant?: string,
  ) {
    this.clientId = caller.clientId;
    this.issuer = issuer;
    // Equal texts are kept once.
    this.subject = subject === caller.clientId ? caller.clientId : subject;
    this.audience = caller.audience;
    this.scopes = caller.scopes;
    this.organization = caller.organization;
    this.tenant = tenant;
    this.kind = caller.kind;
    this.expiresAt = expiresAt;
    this.#payload = payload;
    this.#acceptedAudience = acceptedAudience;
    Object.defineProperty(this, 'claims', VerifiedCaller.#claimsField);
    Object.freeze(this);
  }

  /**
   * Bytes of the payload, the texts and the lists that it keeps. Lists may be shared with other callers; each counts
   * them in full, as if the others were gone.
   */
  get bytes(): number {
    const { clientId, subject = '', organization = '', audience, scopes } = this;
    const texts = clientId.length + (subject === clientId ? 0 : subject.length) + organization.length;
    return this.#payload.length + texts + bytesOf(audience) + bytesOf(scopes);
  }

  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  /**
   * Whether its token was issued for an audience, and is accepted for it. Its own client id in `aud` does not count: some
   * servers put that there.
   */
  isFor(audience: string): boolean {
    return this.#acceptedAudience.includes(audience) && this.audience.includes(audience) && audience !== this.clientId;
  }

  #readClaims(): Claims {
    const kept = this.#claims?.deref();
    if (kept) return kept;
    const claims = deepFreeze(JSON.parse(Buffer.from(this.#payload, 'latin1').toString('utf8')) as Claims);
    this.#claims = new WeakRef(claims);
    return claims;
  }
}

function bytesOf(list: readonly string[]): number {
  return list.reduce((bytes, item) => bytes + BYTES_PER_ITEM + item.length, 0);
}

function deepFreeze<T extends object>(value: T): T {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) deepFreeze(item as object);
  return Object.freeze(value);
}
