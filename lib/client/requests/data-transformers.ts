import type { AxiosRequestTransformer, AxiosResponseTransformer } from 'axios';
import { axios } from '../../http/axios.js';

/** Kinds of bodies that adapters take as they are. */
const SENT_AS_THEY_ARE: ReadonlySet<string> = new Set(['ArrayBuffer', 'Blob', 'File', 'ReadableStream']);

/** Makes the body of a request, as Axios documents it: JSON or a form of an object, anything else as it is. */
export const transformRequest: AxiosRequestTransformer = function transformRequest(data: unknown, headers) {
  const type = String(headers.getContentType() ?? '');
  const isJson = type.includes('application/json');
  const kind = kindOf(data);
  if (kind === 'FormData') return isJson ? JSON.stringify(axios.formToJSON(data as FormData)) : data;
  if (SENT_AS_THEY_ARE.has(kind) || Buffer.isBuffer(data) || isStream(data)) return data;
  if (ArrayBuffer.isView(data)) return data.buffer;
  if (kind === 'URLSearchParams') {
    headers.setContentType('application/x-www-form-urlencoded;charset=utf-8', false);
    return String(data);
  }
  const isObject = typeof data === 'object' && data !== null;
  if (isObject && type.includes('application/x-www-form-urlencoded')) return urlEncoded(data, this.formSerializer);
  if (isObject && type.includes('multipart/form-data')) {
    const { FormData } = this.env ?? {};
    return axios.toFormData(data, FormData && (new FormData() as globalThis.FormData), this.formSerializer);
  }
  if (!isObject && !isJson) return data;
  headers.setContentType('application/json', false);
  // A string for a JSON API may be JSON already.
  return typeof data === 'string' && parses(data) ? data.trim() : JSON.stringify(data);
};

/** Reads the body of a response, as Axios documents it: JSON if the text is JSON. */
export const transformResponse: AxiosResponseTransformer = function transformResponse(data: unknown) {
  const { transitional, responseType, parseReviver } = this;
  const isJson = responseType === 'json';
  const mayBeJson = isJson || (transitional?.forcedJSONParsing && !responseType);
  if (typeof data !== 'string' || data === '' || !mayBeJson) return data;
  try {
    return JSON.parse(data, parseReviver) as unknown;
  } catch (error) {
    if (!isJson || transitional?.silentJSONParsing) return data;
    if (!(error instanceof SyntaxError)) throw error;
    const { response } = this as { response?: never };
    throw axios.AxiosError.from(error, axios.AxiosError.ERR_BAD_RESPONSE, this, null, response);
  }
};

type FormSerializer = Parameters<typeof axios.toFormData>[2];

function urlEncoded(data: object, serializer: FormSerializer): string {
  const form = new URLSearchParams();
  axios.toFormData(data, form, {
    visitor(value, key, path, helpers) {
      if (!Buffer.isBuffer(value)) return helpers.defaultVisitor.call(this, value, key, path, helpers);
      this.append(String(key), value.toString('base64'));
      return false;
    },
    ...serializer,
  });
  return form.toString();
}

function isStream(data: unknown): boolean {
  return typeof data === 'object' && data !== null && typeof (data as { pipe?: unknown }).pipe === 'function';
}

/** The name of a platform's class. The package form-data has the name of the class that it stands in for. */
function kindOf(data: unknown): string {
  return Object.prototype.toString.call(data).slice('[object '.length, -1);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
