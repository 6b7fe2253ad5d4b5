import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { M2MModule } from '../../lib/m2m.module.js';
import {
  declaredClasses,
  type DeclaredClass,
  type DeclaredMethod,
} from '../../lib/resource-server/handler-audit/declared-classes.js';

/** What the audit reads of controllers and providers in an application that has nothing else. */
export async function auditedClasses(
  controllers: readonly Type[],
  providers: readonly Type[] = [],
): Promise<readonly DeclaredClass[]> {
  const resourceServer = { audience: 'https://api.test' };
  // For the guards that Nest makes of @UseGuards. Nothing is verified, and the audit does not run.
  const imports = [
    M2MModule.forRoot({ authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9' }, resourceServer }),
  ];
  const metadata = { imports, controllers: [...controllers], providers: [...providers] };
  const module = await Test.createTestingModule(metadata).compile();
  const classes = declaredClasses(module.get(ModulesContainer));
  return classes.filter(({ type }) => controllers.includes(type) || providers.includes(type));
}

/** What the audit reads of one controller. */
export async function auditedClass(controller: Type): Promise<DeclaredClass> {
  const [declared] = await auditedClasses([controller]);
  if (!declared) throw new Error(`${controller.name} was not found`);
  return declared;
}

/** A method of a class that the audit has read. */
export function methodOf({ methods, name }: DeclaredClass, key: string): DeclaredMethod {
  const method = methods.find((each) => each.key === key);
  if (!method) throw new Error(`${name} has no ${key}`);
  return method;
}

/** Marks a method as `@MessagePattern` does. */
export const Message: MethodDecorator = (_target, _key, descriptor) => {
  Reflect.defineMetadata('microservices:pattern', ['x'], descriptor.value as object);
};
