import type { UpstreamRequest, UpstreamResponse } from '../../../lib/http/authorization-server-http.js';
import { UpstreamError } from '../../../lib/http/upstream.error.js';
import { outageAt, type Outage } from './outages.js';
import { between } from './random.js';
import type { WorldClock } from './world-clock.js';

/** What the authorization server knows of a token. */
export interface IssuedByServer {
  readonly audience: string;
  /** In the world's true time. */
  readonly expiresAt: number;
}

/** Issues tokens, when it works. */
export class SimulatedAuthorizationServer {
  readonly issued = new Map<string, IssuedByServer>();
  /** When requests came. */
  readonly requests: number[] = [];

  constructor(
    private readonly world: WorldClock,
    private readonly random: () => number,
    private readonly outages: readonly Outage[],
    /** Milliseconds. */
    private readonly lifetime: number,
  ) {}

  async request({ body = '', timeout }: UpstreamRequest): Promise<UpstreamResponse> {
    this.requests.push(this.world.now);
    const outage = outageAt(this.outages, this.world.now);
    const latency = outage === 'hangs' ? timeout : between(this.random, 20, 300);
    await new Promise<void>((resolve) => void this.world.after(Math.min(latency, timeout), resolve));
    if (latency >= timeout) throw new UpstreamError('timeout', 'it did not answer in time');
    if (outage === 'refuses') throw new UpstreamError('network', 'it refuses connections');
    if (outage === 'errors') return answer(503, {});
    if (outage === 'throttles') return answer(429, {}, { 'retry-after': '30' });
    return answer(200, this.#issue(new URLSearchParams(body).get('audience') ?? ''));
  }

  #issue(audience: string): object {
    const value = `${audience}-${this.issued.size}`;
    this.issued.set(value, { audience, expiresAt: this.world.now + this.lifetime });
    return { access_token: value, token_type: 'Bearer', expires_in: this.lifetime / 1000 };
  }
}

function answer(status: number, body: object, headers: Record<string, string> = {}): UpstreamResponse {
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}
