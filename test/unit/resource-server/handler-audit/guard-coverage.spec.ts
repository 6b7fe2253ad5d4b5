import { describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type CanActivate } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { GuardCoverage } from '../../../../lib/resource-server/handler-audit/guard-coverage.js';
import { M2MGuard } from '../../../../lib/resource-server/m2m.guard.js';
import { auditedClass, Message, methodOf } from '../../../support/audited-classes.js';

const guard = Object.create(M2MGuard.prototype) as M2MGuard;
const other: CanActivate = { canActivate: () => true };
const orUser = M2MGuard.or('user-jwt');

function coverageWith({ global = [] as CanActivate[], hasRequests = true } = {}): GuardCoverage {
  const config = new ApplicationConfig();
  config.useGlobalGuards(...global);
  return new GuardCoverage(config, guard, hasRequests);
}

class Base {
  @UseGuards(M2MGuard)
  @Get('overridden')
  overridden(): void {}

  @UseGuards(M2MGuard)
  @Get('replaced')
  replaced(): void {}
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

  @UseGuards(other)
  @Get('replaced')
  override replaced(): void {}
}

describe('GuardCoverage', () => {
  it.each([
    ['list', 'm2m'],
    ['handle', undefined],
    ['both', 'requests'],
    ['passport', 'm2m'],
  ])('counts a global guard for requests only, if there are any: %s', async (key, expected) => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [guard] });
    expect(coverage.of(declared.type, methodOf(declared, key))).toBe(expected);
  });

  it('counts a global guard for messages in a microservice', async () => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [guard], hasRequests: false });
    expect(coverage.of(declared.type, methodOf(declared, 'handle'))).toBe('m2m');
  });

  it("tells passport's guard and those of others from an M2MGuard", async () => {
    const declared = await auditedClass(ItemsController);
    const coverage = coverageWith({ global: [other] });
    expect(coverage.of(declared.type, methodOf(declared, 'passport'))).toBe('passport');
    expect(coverage.of(declared.type, methodOf(declared, 'list'))).toBeUndefined();
    expect(coverage.of(declared.type, methodOf(declared, 'either'))).toBe('m2m');
  });

  it('takes what a test has put in the place of M2MGuard for one', async () => {
    const declared = await auditedClass(ItemsController);
    const config = new ApplicationConfig();
    config.useGlobalGuards(other);
    const coverage = new GuardCoverage(config, other, true);
    expect(coverage.of(declared.type, methodOf(declared, 'list'))).toBe('m2m');
  });

  it('tells whether the guard of a method is the only one', async () => {
    const declared = await auditedClass(ItemsController);
    const method = methodOf(declared, 'either');
    expect(coverageWith().isOnMethodOnly(declared.type, method)).toBe(true);
    expect(coverageWith({ global: [guard] }).isOnMethodOnly(declared.type, method)).toBe(false);
    expect(coverageWith().isOnMethodOnly(declared.type, methodOf(declared, 'list'))).toBe(false);
  });

  it('names the class whose guard an override has forgotten, unless it has guards of its own', async () => {
    const declared = await auditedClass(ItemsController);
    expect(coverageWith().overridden(declared.type, methodOf(declared, 'overridden'))).toBe('Base');
    expect(coverageWith().overridden(declared.type, methodOf(declared, 'replaced'))).toBeUndefined();
    expect(coverageWith().overridden(declared.type, methodOf(declared, 'list'))).toBeUndefined();
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
