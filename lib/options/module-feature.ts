import { checkObject } from '../validation/checks.js';
import { resolveFields, type FieldsOf, type Values } from '../validation/fields.js';
import { texts } from '../validation/field-types.js';
import { Problems } from '../validation/problems.js';
import type { M2MClientName, M2MTargetName } from './m2m-names.js';

/** What a feature module injects, by name. */
interface FeatureNames {
  /** Targets of the options, for `@InjectM2MHttp`. @default none */
  readonly targets?: readonly M2MTargetName[] | undefined;
  /** Named clients of the options, for `@InjectM2MClient`. @default none */
  readonly clients?: readonly M2MClientName[] | undefined;
}

/** What a feature module injects: names of targets, and names of clients if it needs any. */
export type M2MFeature = readonly M2MTargetName[] | FeatureNames;

/** What `M2MModule.forFeature` takes. */
const FEATURE_FIELDS = {
  targets: texts('shop', true),
  clients: texts('billing', true),
} as const satisfies FieldsOf<FeatureNames>;

/** @throws M2MConfigurationError for anything but lists of names */
export function readFeature(feature: M2MFeature): Values<typeof FEATURE_FIELDS> {
  const problems = new Problems();
  const path = 'M2MModule.forFeature';
  const given = isList(feature) ? { targets: feature } : feature;
  if (!checkObject(problems, path, given, "M2MModule.forFeature(['shop'])")) problems.throwIfAny();
  const names = resolveFields(problems, path, given, FEATURE_FIELDS);
  problems.throwIfAny();
  return names;
}

function isList(feature: M2MFeature): feature is readonly M2MTargetName[] {
  return Array.isArray(feature);
}
