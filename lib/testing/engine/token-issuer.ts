import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Clock } from '../../time/clock.js';
import type { Dialect } from './dialect.js';
import type { GrantedAccess, IssuedToken } from './grant.js';
import type { KeyRing } from './key-ring.js';
import type { RegisteredClient } from './registry.js';

/** Who a token is for, and what may differ from what the product writes. */
export interface TokenOrder extends GrantedAccess {
  readonly client: RegisteredClient;
  readonly issuer: string;
  readonly user?: string | undefined;
  /** Milliseconds. */
  readonly lifetime?: number | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  /** When it ends at the latest, in seconds since the epoch. @default any time */
  readonly notAfter?: number | undefined;
  /** @default that of the client */
  readonly format?: 'jwt' | 'opaque' | undefined;
}

export interface Issued {
  readonly token: IssuedToken;
  readonly accessToken: string;
}

/** Writes access tokens, and knows its own again. */
export class TokenIssuer {
  private readonly opaque = new Map<string, JWTPayload>();
  private readonly revoked = new Set<string>();

  constructor(
    private readonly dialect: Dialect,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  async issue(order: TokenOrder): Promise<Issued> {
    const { client } = order;
    const issuedAt = Math.floor(this.clock.wall() / 1000);
    const lifetime = order.lifetime ?? client.tokenLifetime ?? this.dialect.tokenLifetime;
    const expiresAt = Math.min(issuedAt + Math.round(lifetime / 1000), order.notAfter ?? Infinity);
    const token = { ...order, id: randomUUID(), issuedAt, expiresAt };
    const claims = {
      iss: token.issuer,
      // A token that is over was issued before it ended.
      iat: Math.min(issuedAt, token.expiresAt - 1),
      exp: token.expiresAt,
      jti: token.id,
      ...this.dialect.claims(token),
      ...client.claims,
      ...order.claims,
    };
    return { token, accessToken: await this.write(claims, order) };
  }

  private async write(
    claims: JWTPayload,
    { client, header, format = client.tokenFormat }: TokenOrder,
  ): Promise<string> {
    if (format === 'opaque') {
      const handle = `${randomUUID()}.${randomUUID()}`;
      this.opaque.set(handle, claims);
      return handle;
    }
    const { alg, kid, privateKey } = this.keys.current;
    const { tokenType: typ } = this.dialect;
    return new SignJWT(claims).setProtectedHeader({ alg, kid, ...(typ && { typ }), ...header }).sign(privateKey);
  }

  revoke(accessToken: string): void {
    this.revoked.add(accessToken);
  }

  /** The claims of a token of this server that is valid now. */
  async read(accessToken: string): Promise<JWTPayload | undefined> {
    if (this.revoked.has(accessToken)) return undefined;
    const claims = this.opaque.get(accessToken) ?? (await this.verify(accessToken));
    return claims && (claims.exp ?? Infinity) * 1000 > this.clock.wall() ? claims : undefined;
  }

  private async verify(accessToken: string): Promise<JWTPayload | undefined> {
    if (!this.dialect.introspectsJwts) return undefined;
    try {
      const key = this.keys.find(decodeProtectedHeader(accessToken).kid);
      if (!key) return undefined;
      const currentDate = new Date(this.clock.wall());
      return (await jwtVerify(accessToken, key.publicKey, { currentDate })).payload;
    } catch {
      // Any other failure means that it is no token of this server.
      return undefined;
    }
  }
}
