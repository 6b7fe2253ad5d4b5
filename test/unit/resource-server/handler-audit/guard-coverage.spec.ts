import { describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type CanActivate } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { HandlerTransport } from '../../../../lib/resource-server/handler-audit/declared-classes.js';
import { GuardCoverage, type Coverage } from '../../../../lib/resource-server/handler-audit/guard-coverage.js';
import { KnownGuards } from '../../../../lib/resource-server/handler-audit/known-guards.js';
import { EnforcesM2M } from '../../../../lib/resource-server/enforces-m2m.decorator.js';
import { M2MGuard } from '../../../../lib/resource-server/m2m.guard.js';
import { auditedClass, Message, methodOf } from '../../../support/audited-classes.js';

const guard = Object.create(M2MGuard.prototype) as M2MGuard;
const other: CanActivate = { canActivate: () => true };
const orUser = M2MGuard.or('user-jwt');

@EnforcesM2M()
class OrGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

class DerivedOrGuard extends OrGuard {}

function coverageWith({ global = [] as CanActivate[], hasRequests = true } = {}): GuardCoverage {
  const config = new ApplicationConfig();
  config.useGlobalGuards(...global);
  return new GuardCoverage(config, new KnownGuards(guard), hasRequests);
}

class Base {
  @UseGuards(M2MGuard)
  @Get('overridden')
  overridden(): void {}

  @UseGuards(M2MGuard)
  @Get('replaced')
  replaced(): void {}

  @UseGuards(OrGuard)
  @Get('claimed')
  claimed(): void {}
}

@Controller()
class ItemsController extends Base {
  @Get()
  list(): void {}

  @Message
  handle(): void {}

  @Message
  @Get('both')
  both(): void {}

  @UseGuards(AuthGuard('m2m'))
  @Get('passport')
  passport(): void {}

  @UseGuards(orUser)
  @Get('either')
  either(): void {}

  @Get('overridden')
  override overridden(): void {}

  @Get('claimed')
  override claimed(): void {}

  @UseGuards(other)
  @Get('replaced')
  override replaced(): void {}
}

describe('GuardCoverage', () => {
  it.each<[string, HandlerTransport, Coverage]>([
    ['list', 'http', 'm2m'],
    ['handle', 'message', undefined],
    ['both', 'http', 'm2m'],
    ['both', 'message', undefined],
    ['passport', 'http', 'm2m'],
  ])('counts a global guard for requests only, if there are any: %s by %s', async (key, transport, expected) => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [guard] });
    expect(coverage.of(declared.type, methodOf(declared, key), transport)).toBe(expected);
  });

  it('counts a global guard for messages in a microservice', async () => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [guard], hasRequests: false });
    expect(coverage.of(declared.type, methodOf(declared, 'handle'), 'message')).toBe('m2m');
  });

  it("tells passport's guard and those of others from an M2MGuard", async () => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [other] });
    expect(coverage.of(declared.type, methodOf(declared, 'passport'), 'http')).toBe('passport');
    expect(coverage.of(declared.type, methodOf(declared, 'list'), 'http')).toBeUndefined();
    expect(coverage.of(declared.type, methodOf(declared, 'either'), 'http')).toBe('m2m');
  });

  it.each<[string, CanActivate, Coverage]>([
    ['an instance of a class with @EnforcesM2M', new OrGuard(), 'claimed'],
    ['an instance of a class that is derived from it', new DerivedOrGuard(), undefined],
    ['a guard without a class', other, undefined],
    ['a guard without a prototype', Object.assign(Object.create(null) as CanActivate, other), undefined],
  ])('takes for one that claims to run an M2MGuard: %s', async (_name, each, expected) => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [each] });
    expect(coverage.of(declared.type, methodOf(declared, 'list'), 'http')).toBe(expected);
    expect(coverage.of(declared.type, methodOf(declared, 'either'), 'http')).toBe('m2m');
  });

  it('takes what a test has put in the place of M2MGuard for one', async () => {
    const declared = await auditedClass(ItemsController);
    const config = new ApplicationConfig();
    config.useGlobalGuards(other);
    const coverage = new GuardCoverage(config, new KnownGuards(other), true);
    expect(coverage.of(declared.type, methodOf(declared, 'list'), 'http')).toBe('m2m');
  });

  it('names the guard of a method that is the only one', async () => {
    const declared = await auditedClass(ItemsController);
    const method = methodOf(declared, 'either');
    expect(coverageWith().onMethodOnly(declared.type, method)).toBe('M2MGuard');
    expect(coverageWith({ global: [guard] }).onMethodOnly(declared.type, method)).toBeUndefined();
    expect(coverageWith().onMethodOnly(declared.type, methodOf(declared, 'list'))).toBeUndefined();
  });

  it('names the guard that an override has forgotten, unless it has guards of its own', async () => {
    const declared = await auditedClass(ItemsController);
    const forgotten = (key: string) => coverageWith().forgotten(declared.type, methodOf(declared, key));
    expect(forgotten('overridden')).toEqual({ from: 'Base', guard: 'M2MGuard' });
    expect(forgotten('claimed')).toEqual({ from: 'Base', guard: 'OrGuard' });
    expect(forgotten('replaced')).toBeUndefined();
    expect(forgotten('list')).toBeUndefined();
  });

  it('tells whether a function in the place of a handler lacks its guard', () => {
    const { overridden } = Base.prototype;
    const bound = overridden.bind(undefined);
    expect(coverageWith().isLost(overridden, bound)).toBe(true);
    UseGuards(M2MGuard)(Base.prototype, 'overridden', { value: bound });
    expect(coverageWith().isLost(overridden, bound)).toBe(false);
    expect(coverageWith().isLost(ItemsController.prototype.list, bound)).toBe(false);
  });

  it('names the strategy whose users a wider guard shuts out', async () => {
    const declared = await auditedClass(ItemsController);
    const method = methodOf(declared, 'either');
    expect(coverageWith({ global: [guard] }).shutOut(declared.type, method)).toEqual({
      strategy: 'user-jwt',
      by: 'application',
    });
    expect(coverageWith({ global: [other] }).shutOut(declared.type, method)).toBeUndefined();
  });
});
