import type { ModulesContainer } from '@nestjs/core';

/** What takes messages to their handlers, as Nest has it: a server of `@nestjs/microservices`, or a custom strategy. */
interface RpcTarget {
  listen(callback: (error?: unknown, ...more: unknown[]) => void): unknown;
}

/** How targets listen without a check: the next application that uses a custom strategy has a check of its own. */
const unchecked = new WeakMap<RpcTarget, RpcTarget['listen']>();

/**
 * Calls a check before an RPC target of the application listens. If it throws, the target does not listen, and the start
 * is rejected with what was thrown.
 *
 * A hybrid application may start its microservices before `onModuleInit`.
 */
export function beforeListening(modules: ModulesContainer, check: () => void): void {
  modules.getRpcTargetRegistry<RpcTarget>().subscribe((target) => {
    const listen = unchecked.get(target) ?? target.listen;
    unchecked.set(target, listen);
    target.listen = (callback) => {
      try {
        check();
      } catch (error) {
        return callback(error);
      }
      return listen.call(target, callback);
    };
  });
}
