export { M2MOpenTelemetryModule } from './m2m-opentelemetry.module.js';
