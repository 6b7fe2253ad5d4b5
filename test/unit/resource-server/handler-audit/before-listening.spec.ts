import { beforeEach, describe, expect, it } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { beforeListening } from '../../../../lib/resource-server/handler-audit/before-listening.js';

const wrong = new Error('a condition that nothing enforces');
const steps: unknown[] = [];

class Target {
  listen(callback: (error?: unknown, info?: string) => void): string {
    steps.push(this);
    callback(undefined, 'listening');
    return 'returned';
  }
}

const started = (target: Target): unknown => target.listen((error, info) => steps.push(error ?? info));

function modulesWith(check: () => void): ModulesContainer {
  const modules = new ModulesContainer();
  beforeListening(modules, check);
  return modules;
}

const pass = (): void => void steps.push('checked');
const fail = (): never => {
  throw wrong;
};

describe('beforeListening', () => {
  let target: Target;
  beforeEach(() => {
    steps.length = 0;
    target = new Target();
  });

  it('checks first, and lets the target listen then, as itself', () => {
    modulesWith(pass).addRpcTarget(target);
    expect(started(target)).toBe('returned');
    expect(steps).toEqual(['checked', target, 'listening']);
  });

  it('rejects the start with what the check throws, each time, and the target does not listen (claim 5.6)', () => {
    modulesWith(fail).addRpcTarget(target);
    started(target);
    started(target);
    expect(steps).toEqual([wrong, wrong]);
  });

  it('finds targets that were there before', () => {
    const modules = new ModulesContainer();
    modules.addRpcTarget(target);
    beforeListening(modules, fail);
    started(target);
    expect(steps).toEqual([wrong]);
  });

  it('calls the check of the application that has the target now', () => {
    modulesWith(fail).addRpcTarget(target);
    modulesWith(pass).addRpcTarget(target);
    started(target);
    expect(steps).toEqual(['checked', target, 'listening']);
  });
});
