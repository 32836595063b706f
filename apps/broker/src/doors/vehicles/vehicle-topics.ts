import { type VehicleId, vehicleRoutes } from '@milepost/contracts';
import type { Route } from '../../clients/access.js';

const ROUTES: ReadonlyMap<string, Route> = new Map(Object.entries(vehicleRoutes));
const READABLE = ['commands', 'config'] as const;

/** What one vehicle may publish and subscribe to (DESIGN "MQTT topics"): nothing outside `fleet/{its id}/`. */
export class VehicleTopics {
  private readonly prefix: string;
  /** The topic asked for last, and what became of it: a vehicle repeats its topic, and each message asks twice. */
  private last: { readonly topic: string; readonly route: Route } | undefined;

  constructor(vehicleId: VehicleId) {
    this.prefix = `fleet/${vehicleId}/`;
  }

  /** Where a message goes; undefined: the vehicle may not publish it. */
  routeOf(topic: string): Route | undefined {
    if (this.last?.topic === topic) return this.last.route;
    const route = topic.startsWith(this.prefix) ? ROUTES.get(topic.slice(this.prefix.length)) : undefined;
    // What a vehicle may not publish is not kept: such a topic can be of any length.
    if (route !== undefined) this.last = { topic, route };
    return route;
  }

  /** `commands/#` and `config/#`, and anything that these contain. */
  maySubscribe(filter: string): boolean {
    if (!filter.startsWith(this.prefix)) return false;
    const rest = filter.slice(this.prefix.length);
    return READABLE.some((branch) => rest === branch || rest.startsWith(`${branch}/`));
  }
}
