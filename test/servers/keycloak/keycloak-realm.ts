/** The answer of a token endpoint (RFC 6749, section 5). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

/** A realm: its token endpoint, and what an administrator does there. */
export class KeycloakRealm {
  constructor(
    /** The server's. */
    readonly url: string,
    readonly name: string,
    private readonly admin: { readonly username: string; readonly password: string },
  ) {}

  get issuer(): string {
    return `${this.url}/realms/${this.name}`;
  }

  /** The token endpoint and the others. @param name its last segment */
  endpoint(name: 'auth' | 'certs' | 'token'): string {
    return `${this.issuer}/protocol/openid-connect/${name}`;
  }

  /** @throws Error if the request is refused */
  async token(parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    return requestToken(this.endpoint('token'), parameters, headers);
  }

  /** Tokens of a client of the realm, authenticated by its secret. */
  tokenOf(clientId: string, parameters: Record<string, string> = {}): Promise<TokenAnswer> {
    const client = { client_id: clientId, client_secret: secretOf(clientId) };
    return this.token({ grant_type: 'client_credentials', ...client, ...parameters });
  }

  /** What a client gets for the token of another one (RFC 8693). */
  async exchanged(clientId: string, token: Promise<TokenAnswer>): Promise<TokenAnswer> {
    return this.tokenOf(clientId, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: (await token).access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  }

  /** A request to the admin API. @throws Error if it is refused */
  async administer(method: string, path: string, body?: object): Promise<unknown> {
    const parameters = { grant_type: 'password', client_id: 'admin-cli', ...this.admin };
    const endpoint = `${this.url}/realms/master/protocol/openid-connect/token`;
    const { access_token } = await requestToken(endpoint, parameters);
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method, headers, body: body ? JSON.stringify(body) : null });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak answered ${response.status} to ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Gives a client a new secret, and returns it. The old one is refused from then on. */
  async rotateSecret(clientId: string): Promise<string> {
    const clients = await this.administer('GET', `/admin/realms/${this.name}/clients?clientId=${clientId}`);
    const [{ id }] = clients as [{ id: string }];
    const secret = await this.administer('POST', `/admin/realms/${this.name}/clients/${id}/client-secret`);
    return (secret as { value: string }).value;
  }

  /** Adds a key, and signs with it from now on. The old ones stay published. */
  async addSigningKey(): Promise<void> {
    const realm = (await this.administer('GET', `/admin/realms/${this.name}`)) as { id: string };
    await this.administer('POST', `/admin/realms/${this.name}/components`, {
      name: 'new key',
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      parentId: realm.id,
      config: { priority: ['200'], algorithm: ['RS256'], keySize: ['2048'], enabled: ['true'], active: ['true'] },
    });
  }
}

/** The secret of a client of a test realm, until it is rotated. */
export function secretOf(clientId: string): string {
  return `secret-of-${clientId}`;
}

/** The options of a client of a test realm. */
export function credentialsOf(clientId: string) {
  return { clientId, clientSecret: secretOf(clientId) };
}

async function requestToken(
  endpoint: string,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(endpoint, { method: 'POST', headers, body: new URLSearchParams(parameters) });
  const text = await response.text();
  if (!response.ok) throw new Error(`Keycloak answered ${response.status} to a token request: ${text}`);
  return JSON.parse(text) as TokenAnswer;
}
