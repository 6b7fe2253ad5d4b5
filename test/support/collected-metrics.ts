import { metrics, type Attributes } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** A reader that collects when it is asked. */
class PulledReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

/** A point of a metric. */
export interface Point {
  readonly attributes: Attributes;
  /** A number; of a histogram the count, the sum and the rest. */
  readonly value: number | { readonly count: number; readonly sum?: number };
}

/** The OpenTelemetry SDK, registered for all meters of the process, whose metrics are collected on demand. */
export class CollectedMetrics implements AsyncDisposable {
  private readonly reader = new PulledReader();
  private readonly provider = new MeterProvider({ readers: [this.reader] });

  constructor() {
    metrics.setGlobalMeterProvider(this.provider);
  }

  /** The points of all metrics, by their names. */
  async all(): Promise<ReadonlyMap<string, { readonly unit: string; readonly points: readonly Point[] }>> {
    const { resourceMetrics } = await this.reader.collect();
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(
      found.map(({ descriptor, dataPoints }) => [descriptor.name, { unit: descriptor.unit, points: dataPoints }]),
    );
  }

  /** The points of a metric whose attributes include some. */
  async points(name: string, attributes: Attributes = {}): Promise<readonly Point[]> {
    const points = (await this.all()).get(name)?.points ?? [];
    return points.filter((point) =>
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    );
  }

  /** The only value of a metric with these attributes. */
  async value(name: string, attributes: Attributes = {}): Promise<Point['value'] | undefined> {
    const [point, ...others] = await this.points(name, attributes);
    if (others.length > 0) throw new Error(`${name} has ${others.length + 1} points: say more attributes`);
    return point?.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    metrics.disable();
    await this.provider.shutdown();
  }
}
