import { KeyObject } from 'node:crypto';
import type { FoundClientOptions, ResolvedClient } from '../../options/resolved-options.js';

/**
 * The options of a client that a function found, as they were answered last. The function makes its functions anew for
 * each answer, with the secret of that answer in them: those of the last one are called.
 */
export class LiveOptions {
  #latest: FoundClientOptions;
  /** What stays as it is, with functions that lead to those of the last answer. */
  readonly client: ResolvedClient;

  constructor(answer: FoundClientOptions) {
    this.#latest = answer;
    this.client = leading(answer.client, () => this.#latest.client);
  }

  get latest(): ResolvedClient {
    return this.#latest.client;
  }

  get isServerOwn(): boolean {
    return this.#latest.isServerOwn;
  }

  /** Takes a newer answer, unless it differs in more than functions and what tokens are requested for by default. */
  takes(answer: FoundClientOptions): boolean {
    const { defaults: _, ...before } = this.latest;
    const { defaults: __, ...after } = answer.client;
    if (this.isServerOwn !== answer.isServerOwn || !isSame(before, after)) return false;
    this.#latest = answer;
    return true;
  }
}

/** A copy, members that nothing prints included, whose functions call those of the latest object. */
function leading<Options extends object>(options: Options, latest: () => Options): Options {
  const properties = Object.getOwnPropertyDescriptors(options) as Record<string, PropertyDescriptor>;
  for (const [name, property] of Object.entries(properties)) {
    const value: unknown = property.value;
    const current = () => Reflect.get(latest(), name) as unknown;
    if (typeof value === 'function') {
      property.value = (...args: unknown[]) => Reflect.apply(current() as () => unknown, latest(), args) as unknown;
    } else if (typeof value === 'object' && value !== null && isPlain(value) && !Array.isArray(value)) {
      property.value = leading(value, current as () => object);
    }
  }
  return Object.freeze(Object.defineProperties({}, properties) as Options);
}

/** Whether two options say the same, as far as that can be seen: of functions, that both are some. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other) || (typeof one === 'function' && typeof other === 'function')) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof KeyObject && other instanceof KeyObject) return one.equals(other);
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return one.equals(other);
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = [...new Set([...Reflect.ownKeys(one), ...Reflect.ownKeys(other)])];
  return names.every((name) => isSame(Reflect.get(one, name), Reflect.get(other, name)));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}
