import { RequestMethod, VERSION_NEUTRAL, VersioningType, type VersioningOptions } from '@nestjs/common';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';

// Nest's metadata keys of routes.
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

/** A version of a route, as Nest has it: a text, or VERSION_NEUTRAL. */
export type RouteVersion = string | typeof VERSION_NEUTRAL;

/** The paths and versions by which requests reach a handler. */
export interface Route {
  readonly httpMethod: string;
  readonly paths: readonly string[];
  readonly versions: readonly RouteVersion[] | undefined;
}

/** What the application says about the paths of all routes. */
export class Routing {
  private readonly prefix: string;
  private readonly excluded: readonly Excluded[];
  private readonly versioning: VersioningOptions | undefined;

  constructor(
    config: Pick<ApplicationConfig, 'getGlobalPrefix' | 'getGlobalPrefixOptions' | 'getVersioning'>,
    private readonly modules: Pick<ModulesContainer, 'applicationId'>,
  ) {
    this.prefix = stripEndSlash(addLeadingSlash(config.getGlobalPrefix()));
    this.excluded = config.getGlobalPrefixOptions().exclude ?? [];
    this.versioning = config.getVersioning();
  }

  /** The route of a handler: everything that Nest will register for it, in any of its modules. */
  of({ type, controllers }: DeclaredClass, { handler }: DeclaredMethod): Route {
    const requestMethod = Reflect.getMetadata(METHOD, handler) as RequestMethod;
    const versions = this.versionsOf(type, handler);
    const modules = controllers.map(({ host }) => (host ? this.pathOf(host.metatype) : undefined) ?? '');
    const paths = (versions ?? [undefined]).flatMap((version) =>
      join(modules, listOf(PATH, type), listOf(PATH, handler)).map((path) => {
        const isExcluded = this.excluded.some((each) => covers(each, requestMethod, path));
        return stripEndSlash((isExcluded ? '' : this.prefix) + this.segmentOf(version) + path) || '/';
      }),
    );
    return {
      httpMethod: RequestMethod[requestMethod] ?? 'ALL',
      paths: Object.freeze([...new Set(paths)]),
      versions: versions && Object.freeze(versions),
    };
  }

  /** `undefined` if requests of every version reach the handler, or if the application has no versions. */
  private versionsOf(type: object, handler: object): RouteVersion[] | undefined {
    if (!this.versioning) return undefined;
    const ofClass: unknown = Reflect.getMetadata(VERSION, type) ?? this.versioning.defaultVersion;
    const version = (Reflect.getMetadata(VERSION, handler) as unknown) || ofClass;
    return version ? ([version].flat() as RouteVersion[]) : undefined;
  }

  private segmentOf(version: RouteVersion | undefined): string {
    if (version === undefined || version === VERSION_NEUTRAL || this.versioning?.type !== VersioningType.URI) return '';
    const { prefix = 'v' } = this.versioning;
    return `/${prefix === false ? '' : prefix}${version}`;
  }

  /** What RouterModule says about a module. */
  private pathOf(module: object): string | undefined {
    const own = Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module) as string | undefined;
    return own ?? (Reflect.getMetadata(MODULE_PATH, module) as string | undefined);
  }
}

/** A route that has no global prefix. */
type Excluded = NonNullable<ReturnType<ApplicationConfig['getGlobalPrefixOptions']>['exclude']>[number];

/** Nest compares the path without prefix and version, and with the slash at its end. */
function covers({ requestMethod, pathRegex }: Excluded, method: RequestMethod, path: string): boolean {
  const isOfMethod =
    requestMethod === RequestMethod.ALL || (requestMethod as number) === -1 || requestMethod === method;
  return isOfMethod && pathRegex.test(addLeadingSlash(path));
}

/** Every combination of the parts of a path. */
function join(...parts: readonly (readonly string[])[]): readonly string[] {
  return parts.reduce(append, ['']);
}

function append(paths: readonly string[], part: readonly string[]): readonly string[] {
  return paths.flatMap((path) => part.map((each) => (each ? stripEndSlash(path) + addLeadingSlash(each) : path)));
}

function listOf(key: string, target: object): readonly string[] {
  return [Reflect.getMetadata(key, target) as string | string[]].flat().map(addLeadingSlash);
}

/** A path may begin with an optional group. */
function addLeadingSlash(path: string): string {
  return path && !path.startsWith('/') && !path.startsWith('{/') ? `/${path}` : path;
}

function stripEndSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
