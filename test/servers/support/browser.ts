/** What a server answered to a browser. */
export interface Page {
  readonly html: string;
  /** Where a redirect leads. */
  readonly location: string | null;
}

/** It keeps cookies, and follows no redirects. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  /** @param form what is posted */
  async open(url: string, form?: Record<string, string>): Promise<Page> {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      body: form ? new URLSearchParams(form) : null,
      headers: {
        accept: 'text/html',
        cookie: Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; '),
      },
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return { html: await response.text(), location: response.headers.get('location') };
  }
}

/** The first group of a pattern in a page, without its HTML entities. @throws Error with the page if it is not there */
export function found(pattern: RegExp, { html }: Page): string {
  const [, url] = pattern.exec(html) ?? [];
  if (url === undefined) throw new Error(`The page has no ${pattern}:\n${html}`);
  return url.replaceAll('&amp;', '&');
}
