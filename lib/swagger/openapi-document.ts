import type { OpenAPIObject } from '@nestjs/swagger';

// `@nestjs/swagger` exports the type of the document only.

/** What the document says about one method of one path. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** Security schemes, each with the scopes that are needed: all of them at once. A list of requirements means one of them. */
export type SecurityRequirement = NonNullable<OpenAPIObject['security']>[number];

type Components = NonNullable<OpenAPIObject['components']>;

/** The security schemes of a document, by their names. */
export type DescribedSchemes = NonNullable<Components['securitySchemes']>;

/** A security scheme, by which requests are authorized. */
export type SecuritySchemeObject = Exclude<DescribedSchemes[string], { $ref: string }>;

/** A response that operations refer to. */
export type ResponseObject = Exclude<NonNullable<Components['responses']>[string], { $ref: string }>;
