export type { HalfHealth } from './health.js';
export { M2MHealthIndicator, type M2MHealthData, type M2MHealthOptions } from './m2m-health.indicator.js';
