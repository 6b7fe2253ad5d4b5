import { Browser, found } from '../support/browser.js';

interface WebClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Logs a user in by the authorization code flow, as a browser does it. @returns the access token */
export async function logIn(issuer: string, username: string, client: WebClient): Promise<string> {
  const { clientId, clientSecret, redirectUri } = client;
  const browser = new Browser();
  const query = { client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'read:products' };
  await browser.open(`${issuer}/oauth2/authorize?${new URLSearchParams(query).toString()}`);
  const form = await browser.open(`${issuer}/login`);
  const csrf = found(/name="_csrf"[^>]* value="([^"]+)"/, form);
  const credentials = { username, password: `password-of-${username}`, _csrf: csrf };
  const { location } = await browser.open(`${issuer}/login`, credentials);
  const page = await browser.open(new URL(location ?? '', issuer).href);
  const code = page.location && new URL(page.location).searchParams.get('code');
  if (!code) throw new Error(`The server gave no code:\n${page.html}`);
  const basic = Buffer.from([clientId, clientSecret].map(encodeURIComponent).join(':')).toString('base64');
  const answer = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}
