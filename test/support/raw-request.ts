import { connect } from 'node:net';

/** An answer as it stood on the wire. */
export interface RawResponse {
  readonly status: number;
  /** By lower-case name; the values of repeated ones are joined with a line feed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request exactly as it is written, over a connection of its own. */
export async function sendRaw(url: string, head: readonly string[], body = ''): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const [requestLine, ...headers] = head;
  const lines = [requestLine, `Host: ${hostname}:${port}`, 'Connection: close', ...headers];
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  const socket = connect(Number(port), hostname);
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return parse(Buffer.concat(chunks).toString('latin1'));
}

/** Asks for `/products` once with each token over one connection, without waiting for the answers. Their statuses, in order. */
export async function getPipelined(url: string, tokens: readonly string[]): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const requests = tokens.map((token) => `GET /products HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${token}\r\n`);
  const socket = connect(Number(port), hostname);
  socket.write(`${requests.join('\r\n')}Connection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const statusLines = Buffer.concat(chunks)
    .toString('latin1')
    .matchAll(/HTTP\/1\.1 (\d{3}) /g);
  return Array.from(statusLines, ([, status]) => Number(status));
}

function parse(answer: string): RawResponse {
  const end = answer.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = answer.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value;
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: answer.slice(end + 4) };
}
