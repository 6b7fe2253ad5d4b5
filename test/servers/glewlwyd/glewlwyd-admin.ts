/** The user that the package's database has. */
const ADMIN = { username: 'admin', password: 'password' };

/** The API of glewlwyd for its administrators. */
export class GlewlwydAdmin {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  /** Logs in. The session survives a restart of the server. */
  static async login(url: string): Promise<GlewlwydAdmin> {
    const response = await send(`${url}/api/auth/`, 'POST', ADMIN);
    return new GlewlwydAdmin(
      url,
      response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    );
  }

  async request(method: 'POST' | 'PUT', path: string, body?: object): Promise<void> {
    const { cookie } = this;
    await send(`${this.url}/api/${path}`, method, body, { cookie });
  }
}

async function send(
  url: string,
  method: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}
