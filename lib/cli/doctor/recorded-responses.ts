import type { UpstreamFetch } from '../../authorization-servers/discovery.js';
import type { UpstreamRequest, UpstreamResponse } from '../../http/authorization-server-http.js';
import type { Clock } from '../../time/clock.js';

/** An answer of a server, and when it came. */
export interface RecordedResponse {
  readonly url: string;
  readonly response: UpstreamResponse;
  /** Milliseconds since the epoch: the middle of the time that it took. */
  readonly at: number;
}

/** Passes requests on, each URL once, and keeps the answers. */
export class RecordedResponses {
  readonly all: RecordedResponse[] = [];
  private readonly answers = new Map<string, Promise<UpstreamResponse>>();

  constructor(
    private readonly upstream: UpstreamFetch,
    private readonly clock: Clock,
  ) {}

  readonly fetch: UpstreamFetch = (request) => {
    const known = this.answers.get(request.url);
    if (known) return known;
    const answer = this.record(request);
    this.answers.set(request.url, answer);
    return answer;
  };

  private async record(request: UpstreamRequest): Promise<UpstreamResponse> {
    const start = this.clock.wall();
    const response = await this.upstream(request);
    this.all.push({ url: request.url, response, at: (start + this.clock.wall()) / 2 });
    return response;
  }
}
