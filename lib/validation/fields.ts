import { checkNames, checkObject, memberOf } from './checks.js';
import { optionName, pathTo } from './option-path.js';
import type { Problems } from './problems.js';

/** One option: its value if it is left out, and the check of a value that is given. A table has one for each option. */
export interface Field<Value> {
  /** The value of an option that is left out; `undefined` for a required one. */
  readonly default: Value | undefined;
  readonly isRequired: boolean;
  /** Returns the resolved value. Adds a problem for a wrong one; what is returned then is thrown away. */
  read(problems: Problems, path: string, value: unknown): Value;
}

/** A table of options, in the order in which messages list them. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The table of an option type: one field for each of its members. */
export type FieldsOf<Options> = { readonly [Name in keyof Options]-?: Field<unknown> };

/** The record that a table of options is resolved to. */
export type Values<Table extends Fields> = {
  readonly [Name in keyof Table]: Table[Name] extends Field<infer Value> ? Value : never;
};

/** Resolves the options of a section, and adds a problem for each that is wrong or does not exist. */
export function resolveFields<Table extends Fields>(
  problems: Problems,
  path: string,
  given: object,
  fields: Table,
): Values<Table> {
  checkNames(problems, path, given, Object.keys(fields));
  return readFields(problems, path, given, fields);
}

/** As {@link resolveFields}, if a section may have other members. */
export function readFields<Table extends Fields>(
  problems: Problems,
  path: string,
  given: object,
  fields: Table,
): Values<Table> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = memberOf(given as Readonly<Record<string, unknown>>, name);
    const isLeftOut = value === undefined && !field.isRequired;
    return [name, isLeftOut ? field.default : field.read(problems, pathTo(path, name), value)];
  });
  return Object.freeze(Object.fromEntries(entries) as Values<Table>);
}

/** The part of resolved options that a smaller table lists. */
export function pick<Table extends Fields>(values: NoInfer<Values<Table>>, fields: Table): Values<Table> {
  const all: Readonly<Record<string, unknown>> = values;
  return Object.fromEntries(Object.keys(fields).map((name) => [name, all[name]])) as Values<Table>;
}

/** An option that is an object of options. */
export function section<Table extends Fields>(fields: Table): Field<Values<Table>> {
  const defaults = Object.entries(fields).map(([name, field]) => [name, field.default]);
  const absent = Object.freeze(Object.fromEntries(defaults) as Values<Table>);
  return custom((problems, path, value) => {
    const remedy = `${optionName(path)}: { ${Object.keys(fields)[0]}: ... }`;
    return checkObject(problems, path, value, remedy) ? resolveFields(problems, path, value, fields) : absent;
  }, absent);
}

/** An option that must be given. */
export function required<Value>(field: Field<Value | undefined>): Field<Value> {
  return { ...(field as Field<Value>), isRequired: true };
}

/** An option with a check of its own. */
export function custom<Value>(read: Field<Value>['read'], fallback?: Value): Field<Value> {
  return { default: fallback, isRequired: false, read };
}
