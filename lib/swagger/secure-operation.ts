import { uniteConditions } from '../resource-server/authorization/handler-conditions.js';
import { isPublicHandler, type M2MHandler } from '../resource-server/handler-audit/listed-handlers.js';
import type { Operation, SecurityRequirement } from './openapi-document.js';
import { REFUSAL_RESPONSES } from './refusal-responses.js';
import { securityRequirements } from './security-requirements.js';
import type { SecurityScheme } from './security-scheme.js';

/** Whether callers need an access token for a handler, or may send one. */
function isGuarded(handler: M2MHandler): boolean {
  return (handler.guarded === 'm2m' || handler.guarded === 'claimed') && !isPublicHandler(handler);
}

/**
 * Writes into an operation what a caller needs, and how a refusal is answered. The requirements of several handlers are
 * alternatives, since the document does not tell their requests apart.
 *
 * An operation keeps its own security as an alternative if a guard lets in others than machines, and as it is if no
 * M2MGuard guards it. What it names beside one of the schemes is needed beside a token.
 *
 * @param common the security of operations without their own
 */
export function secureOperation(
  operation: Operation,
  handlers: readonly M2MHandler[],
  schemes: readonly SecurityScheme[],
  common: readonly SecurityRequirement[] | undefined,
): void {
  const guarded = handlers.filter(isGuarded);
  if (guarded.length === 0) {
    if (handlers.length > 0 && handlers.every(isOpenOnPurpose)) operation.security ??= [];
    return;
  }
  const conditions = guarded.map((each) => uniteConditions([], each.conditions));
  const isTokenOptional = conditions.some((each) => each.isTokenOptional) || handlers.some(isOpen);
  const own = operation.security ?? common ?? [];
  const isOurs = (each: SecurityRequirement): boolean => schemes.some(({ name }) => name in each);
  const besides = own.filter(isOurs).map((each) => without(schemes, each));
  const ours = conditions.flatMap((each) => securityRequirements(each, schemes));
  const joined = ours.flatMap((each) =>
    (besides.length > 0 ? besides : [{}]).map((beside) => ({ ...each, ...beside })),
  );
  const others = handlers.some(letsOthersIn) ? own.filter((each) => !isOurs(each)) : [];
  operation.security = unique([...(isTokenOptional ? [{}] : []), ...joined, ...others]);
  operation.responses = withRefusals(operation);
}

/** The responses of an operation, with those to refusals that it does not describe itself. */
function withRefusals({ responses }: Partial<Operation>): Operation['responses'] {
  const described = new Set(Object.keys(responses ?? {}).map((each) => each.toLowerCase()));
  const lacking = [...REFUSAL_RESPONSES].filter(
    ([status]) => !['default', status, `${status.charAt(0)}xx`].some((each) => described.has(each)),
  );
  const added = lacking.map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }] as const);
  return { ...responses, ...Object.fromEntries(added) };
}

function without(schemes: readonly SecurityScheme[], requirement: SecurityRequirement): SecurityRequirement {
  const names = new Set(schemes.map(({ name }) => name));
  return Object.fromEntries(Object.entries(requirement).filter(([name]) => !names.has(name)));
}

/** Whether everybody may call a handler, and its decorators say so. */
function isOpenOnPurpose(handler: M2MHandler): boolean {
  return isPublicHandler(handler) && handler.guarded !== 'user';
}

function isOpen(handler: M2MHandler): boolean {
  return isOpenOnPurpose(handler) || handler.guarded === false;
}

/** Whether others than machines may call it: users, and those whom a guard of the application lets in. */
function letsOthersIn({ guarded, userStrategies }: M2MHandler): boolean {
  return guarded === 'claimed' || guarded === 'user' || userStrategies.length > 0;
}

function unique(requirements: readonly SecurityRequirement[]): SecurityRequirement[] {
  const texts = new Set(requirements.map((each) => JSON.stringify(each)));
  return [...texts].map((each) => JSON.parse(each) as SecurityRequirement);
}
