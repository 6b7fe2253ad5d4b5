import { Browser, found, type Page } from '../support/browser.js';
import type { KeycloakRealm, TokenAnswer } from './keycloak-realm.js';
import { SHOP_WEB } from './shop-realm.js';

/** Logs a user in by the authorization code flow, as a browser does it. */
export function logIn(realm: KeycloakRealm, user: { username: string; password: string }): Promise<TokenAnswer> {
  return codeFlow(realm, (browser, page) => browser.open(actionOf(page), user));
}

/** Registers a user under a name of its own choice, and logs it in. */
export function register(realm: KeycloakRealm, username: string): Promise<TokenAnswer> {
  return codeFlow(realm, async (browser, page) => {
    const form = await browser.open(new URL(found(/href="([^"]*\/registration[^"]*)"/, page), realm.url).href);
    const person = { email: `${username}@example.com`, firstName: 'Eve', lastName: 'Example' };
    const password = 'password-of-eve';
    return browser.open(actionOf(form), { username, password, 'password-confirm': password, ...person });
  });
}

async function codeFlow(
  realm: KeycloakRealm,
  fillIn: (browser: Browser, page: Page) => Promise<Page>,
): Promise<TokenAnswer> {
  const { clientId: client_id, redirectUri: redirect_uri } = SHOP_WEB;
  const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', scope: 'openid' });
  const browser = new Browser();
  const { location, html } = await fillIn(browser, await browser.open(`${realm.endpoint('auth')}?${query.toString()}`));
  const code = location && new URL(location).searchParams.get('code');
  if (!code) throw new Error(`Keycloak gave no code:\n${html}`);
  return realm.token({ grant_type: 'authorization_code', client_id, redirect_uri, code });
}

function actionOf(page: Page): string {
  return found(/action="([^"]+)"/, page);
}
