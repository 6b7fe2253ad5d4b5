// What stands beside the main entry, for applications that have @nestjs/swagger.
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { addM2MSecurity } from 'nestjs-m2m/swagger';

export function completed(document: OpenAPIObject & { 'x-team': string }, app: INestApplication): string {
  // @ts-expect-error the application comes second
  addM2MSecurity(app, document);
  return addM2MSecurity(document, app)['x-team'];
}
