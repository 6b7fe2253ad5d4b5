import type { Type } from '@nestjs/common';
import { readConditions } from '../authorization/condition-metadata.js';
import { isPublic, type Condition } from '../authorization/condition.js';
import type { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import { patternOf, type DeclaredClass, type DeclaredMethod, type HandlerTransport } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';
import type { RouteVersion, Routing } from './routes.js';

/** A handler of the application, as one transport reaches it. */
export interface M2MHandler {
  /** How requests reach it. A handler that both reach is listed twice. */
  readonly transport: HandlerTransport;
  /** Its controller or resolver. */
  readonly class: Type;
  /** The name of its method. */
  readonly method: string;
  /** What decorators of this package say, on the class and on the method; `Public` alone for a public handler. */
  readonly conditions: readonly Condition[];
  /**
   * Who is authenticated before it: machines by an M2MGuard; machines as a guard with `@EnforcesM2M()` claims; users by
   * passport's AuthGuard or one of `userGuards`. Of a public handler, users if such a guard stands there, since the others
   * let everybody pass.
   */
  readonly guarded: 'm2m' | 'claimed' | 'user' | false;
  /** The passport strategies whose users `M2MGuard.or` lets in beside machines. */
  readonly userStrategies: readonly string[];
  /** The HTTP method, in capital letters; `ALL` for every one. `undefined` for messages and GraphQL. */
  readonly httpMethod: string | undefined;
  /** Its paths as Nest registers them, with the global prefix, the version in the URL and the path of its module. `undefined` for messages and GraphQL. */
  readonly paths: readonly string[] | undefined;
  /** Its versions, wherever a request states them: `VERSION_NEUTRAL` is Nest's. `undefined` for all, and for messages and GraphQL. */
  readonly versions: readonly RouteVersion[] | undefined;
  /**
   * The pattern of its messages, as its decorator has it; a list if it has several. The schema coordinate of a field of
   * GraphQL, as `Query.products`. `undefined` for requests of HTTP.
   */
  readonly pattern: unknown;
}

/** Whether a handler says that everybody may call it. */
export function isPublicHandler({ conditions }: M2MHandler): boolean {
  return conditions.some(isPublic);
}

/**
 * Every handler of the controllers and the resolvers, once for each transport.
 *
 * @param isAsked whether Nest asks guards about a handler
 */
export function listHandlers(
  classes: readonly DeclaredClass[],
  coverage: GuardCoverage,
  reader: HandlerConditionsReader,
  routing: Routing,
  isAsked: (method: DeclaredMethod) => boolean,
): readonly M2MHandler[] {
  const listed = classes.flatMap((declared) =>
    declared.methods.flatMap((method) =>
      method.transports
        .filter((each) => each === 'graphql' || declared.controllers.length > 0)
        .map((transport) => {
          const { type } = declared;
          const conditions = Object.freeze(conditionsOf(declared, method, reader));
          const guarded = isAsked(method) && coverage.guardOf(type, method, transport, conditions.some(isPublic));
          const users = guarded === 'm2m' ? coverage.usersOf(type, { ...method, transports: [transport] }) : [];
          const userStrategies = Object.freeze(users.map(({ strategy }) => strategy));
          const way = wayTo(declared, method, transport, routing);
          const who = { conditions, guarded, userStrategies };
          return Object.freeze({ transport, class: type, method: method.key, ...who, ...way });
        }),
    ),
  );
  return Object.freeze(listed);
}

function wayTo(
  declared: DeclaredClass,
  method: DeclaredMethod,
  transport: HandlerTransport,
  routing: Routing,
): Pick<M2MHandler, 'httpMethod' | 'paths' | 'versions' | 'pattern'> {
  if (transport === 'http') return { ...routing.of(declared, method), pattern: undefined };
  const pattern = transport === 'graphql' ? method.field?.coordinate : patternOf(method.handler);
  return { httpMethod: undefined, paths: undefined, versions: undefined, pattern };
}

function conditionsOf(
  { type }: DeclaredClass,
  { handler, conditions }: DeclaredMethod,
  reader: HandlerConditionsReader,
): Condition[] {
  // A handler that has lost conditions stops the start.
  const isOpen = reader.isKnown(type, handler) && reader.read(type, handler).isPublic;
  return isOpen
    ? [{ decorator: 'Public' }]
    : [...readConditions(type), ...conditions].filter((each) => !isPublic(each));
}
