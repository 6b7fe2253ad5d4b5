import { Agent as HttpsAgent } from 'node:https';
import { connect } from 'node:net';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';

/** An answer, as a product gave it. A text is sent as it is, anything else as JSON. */
export interface ReplayedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request as it left, at the URL that it was meant for. */
export interface ReplayedRequest extends Omit<SeenRequest, 'url'> {
  readonly url: string;
}

/**
 * Products' answers by URL. Requests over HTTPS reach them through an agent that connects every host to here without
 * TLS, so that profiles are used exactly as their factories make them.
 */
export class Replay implements AsyncDisposable {
  private constructor(private readonly http: TestHttpServer) {}

  static async start(answers: Readonly<Record<string, ReplayedAnswer>>): Promise<Replay> {
    const http = await TestHttpServer.start((request, response) => {
      const { status = 200, headers = {}, body } = answers[fullUrl(request)] ?? { status: 404 };
      if (typeof body === 'object') return json(response, status, body, headers);
      return response.writeHead(status, headers).end(body);
    });
    return new Replay(http);
  }

  get httpsAgent(): HttpsAgent {
    const agent = new HttpsAgent();
    agent.createConnection = () => connect(Number(new URL(this.http.url).port), '127.0.0.1');
    return agent;
  }

  requests(url: string): readonly ReplayedRequest[] {
    return this.http.requests
      .map((request) => ({ ...request, url: fullUrl(request) }))
      .filter((seen) => seen.url === url);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.http.stop();
  }
}

function fullUrl({ headers, url }: SeenRequest): string {
  return `https://${headers.host}${url}`;
}
