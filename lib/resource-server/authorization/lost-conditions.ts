import { isDeepStrictEqual } from 'node:util';
import { readConditions, readDeclaration } from './condition-metadata.js';
import { isLifting, isRequirement, type Condition, type Requirement } from './condition.js';

/** A requirement of a method that another one overrides, and the class of the overridden method. */
export interface DroppedRequirement {
  readonly from: string;
  readonly requirement: Requirement;
}

/** What the decorators of a method say, in its class and in those that this extends, and its function does not. */
export interface LostConditions {
  /** Conditions that the method was decorated with and that its function does not have. */
  readonly hidden: readonly Condition[];
  /** One requirement of each kind that an overridden method has and that neither the method mentions nor its class has. */
  readonly dropped: readonly DroppedRequirement[];
}

/**
 * An override may ask for something else than the method did that it overrides, but not forget that it asked, unless its
 * class asks for the same.
 */
export function lostConditions(prototype: object, method: string): LostConditions {
  const chain = prototypesOf(prototype);
  const owner = chain.findIndex((each) => Object.hasOwn(each, method));
  const held = readConditions((prototype as Record<string, object>)[method] as object);
  const declared = chain.slice(0, owner + 1).flatMap((each) => readDeclaration(each, method));
  const hidden = declared.filter((each) => !held.includes(each));
  const dropped: DroppedRequirement[] = [];
  const stated = [...declared, ...held];
  const mentioned = new Set(stated.map(subjectOf));
  const ofClass = readConditions(prototype.constructor);
  for (const overridden of isLifting(stated) ? [] : chain.slice(owner + 1)) {
    const conditions = readDeclaration(overridden, method);
    if (isLifting(conditions)) break;
    const requirements = conditions.filter(isRequirement);
    for (const requirement of requirements.filter((each) => !ofClass.some((one) => isDeepStrictEqual(one, each)))) {
      if (!mentioned.has(subjectOf(requirement))) dropped.push({ from: overridden.constructor.name, requirement });
      mentioned.add(subjectOf(requirement));
    }
    for (const requirement of requirements) mentioned.add(subjectOf(requirement));
  }
  return { hidden, dropped };
}

function subjectOf(condition: Condition): 'scopes' | 'clients' | 'audience' | undefined {
  if (!isRequirement(condition)) return undefined;
  if (condition.decorator === 'RequireAudience') return 'audience';
  return condition.decorator === 'AllowClients' ? 'clients' : 'scopes';
}

/** A prototype, and those that it inherits from, the nearest first. */
export function prototypesOf(prototype: object): readonly object[] {
  const parent = Object.getPrototypeOf(prototype) as object | null;
  return parent ? [prototype, ...prototypesOf(parent)] : [prototype];
}
