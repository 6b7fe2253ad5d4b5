import type { M2MRequestOptions } from './m2m-request-options.js' with { 'resolution-mode': 'import' };

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Which token this request carries; `false` sends none. @default the target's token */
    m2m?: M2MRequestOptions | false | undefined;
  }
}

export type { M2MRequestOptions };
// A declaration file keeps no import that it does not use, and without one there is no module to augment.
export type { AxiosRequestConfig } from 'axios';
