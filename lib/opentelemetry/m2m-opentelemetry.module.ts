import { Module } from '@nestjs/common';
import { M2MTelemetry } from './m2m-telemetry.js';

/**
 * Reports metrics and the spans of renewals by the OpenTelemetry API, to the providers that are registered when the
 * application starts. Without any it does nothing.
 *
 * @example
 * imports: [M2MModule.forRootAsync(), M2MOpenTelemetryModule]
 */
@Module({ providers: [M2MTelemetry] })
export class M2MOpenTelemetryModule {}
