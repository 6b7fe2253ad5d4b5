import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { withoutBrackets } from '../../http/loopback.js';

/** What became of a connection to a host. */
export interface ProbedHost {
  readonly url: URL;
  /** Its addresses; empty for a host that is one, or was not found. */
  readonly addresses: readonly string[];
  /** Why its name was not found, or no connection came about: a code of Node.js. */
  readonly failure: string | undefined;
  /** `undefined` without a connection, or without TLS. */
  readonly certificate: ProbedCertificate | undefined;
}

export interface ProbedCertificate {
  /** Why Node.js does not trust it: a code of Node.js. */
  readonly error: string | undefined;
  /** Who issued it, by its own word. */
  readonly issuer: string;
  /** When it ends, by its own word. */
  readonly validTo: string;
}

/** Looks a host up, and shakes hands with it. Nothing is sent: a certificate that is not trusted is only looked at. */
export async function probe(url: URL, timeout: number): Promise<ProbedHost> {
  const host = withoutBrackets(url.hostname);
  let addresses: readonly string[] = [];
  try {
    if (isIP(host) === 0) addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    const certificate = url.protocol === 'https:' ? await handshake(url, host, timeout) : undefined;
    return { url, addresses, failure: undefined, certificate };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { url, addresses, failure: code, certificate: undefined };
  }
}

async function handshake(url: URL, host: string, timeout: number): Promise<ProbedCertificate> {
  const socket = connect({
    host,
    port: Number(url.port || 443),
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  try {
    await connected(socket, timeout);
    const { issuer, valid_to: validTo } = socket.getPeerCertificate();
    const names = [issuer.O, issuer.CN].flat().filter((name) => typeof name === 'string');
    const error = socket.authorizationError as Error | string | undefined | null;
    return { error: codeOf(error ?? undefined), issuer: names.join(', '), validTo };
  } finally {
    socket.destroy();
  }
}

function codeOf(error: Error | string | undefined): string | undefined {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : error;
}

function connected(socket: TLSSocket, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
    socket.setTimeout(timeout, () => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
  });
}
