/**
 * The names of an application's targets and clients, for the compiler. Declare `targets` and `clients`, each a union of
 * names: everything that takes such a name then takes these alone.
 *
 * @example
 * declare module 'nestjs-m2m' {
 *   interface M2MNames {
 *     targets: 'products' | 'stock';
 *     clients: 'billing';
 *   }
 * }
 */
export interface M2MNames {}

/** The name of a target: one of those that {@link M2MNames} declares, or any if it declares none. */
export type M2MTargetName = M2MNames extends { targets: infer Name extends string } ? Name : string;

/** The name of a named client: one of those that {@link M2MNames} declares, or any if it declares none. */
export type M2MClientName = M2MNames extends { clients: infer Name extends string } ? Name : string;

/** Values by name. Of declared names each may be left out, and no other may be there. */
export type M2MByName<Name extends string, Value> = string extends Name
  ? Readonly<Record<string, Value>>
  : { readonly [Each in Name]?: Value };
