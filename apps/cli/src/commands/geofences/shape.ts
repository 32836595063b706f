import { CircleSchema, type GeofenceShape, PolygonSchema } from '@milepost/contracts';
import { shapeFaults } from '@milepost/presence';
import { Value } from 'typebox/value';
import { faultsOf } from '../../arguments/faults-of.js';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { CliError, exitCodes } from '../../cli-error.js';

/** A file with its axes exchanged has as many as corners. */
const maxFaultsShown = 3;

export interface ShapeOptions {
  circle?: string;
  polygon?: string;
}

/** The shape that the command line means. @throws CliError for one that is none, or cannot be used. */
export async function shapeOf({ circle, polygon }: ShapeOptions): Promise<GeofenceShape> {
  if ((circle === undefined) === (polygon === undefined)) refuse('Say --circle or --polygon, one of them.');
  const shape = circle === undefined ? await polygonIn(polygon ?? '') : circleOf(circle);
  const [fault] = shapeFaults(shape);
  // Only a polygon can be of the schema and yet no shape.
  return fault === undefined ? shape : refuse(`--polygon: ${polygon} cannot be used: ${fault.pointer} ${fault.message}.`);
}

function circleOf(text: string): GeofenceShape {
  const [latitude, longitude, radiusM, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length > 0 || [latitude, longitude, radiusM].some((value) => value === undefined || Number.isNaN(value)))
    return refuse(`--circle: "${text}" is not like 52.5,13.4,300: latitude, longitude, radius in metres.`);
  const shape = { type: 'Circle', center: { latitude, longitude }, radiusM };
  return Value.Check(CircleSchema, shape)
    ? shape
    : refuse(`--circle: "${text}" is no circle of a geofence: ${faultsOf(CircleSchema, shape, asTyped).join('; ')}.`);
}

/** The three numbers have no names on the command line but those of the help. */
const asTyped = (path: readonly string[]): string => {
  const name = path.at(-1);
  return name === 'radiusM' ? 'the radius' : name === 'center' || name === undefined ? 'the circle' : `the ${name}`;
};

/** GeoJSON: a polygon, or a feature that is one. */
async function polygonIn(file: string): Promise<GeofenceShape> {
  const text = (await readNamedFile('--polygon', file)).toString('utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return refuse(`--polygon: ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const geometry = isObject(content) && content.type === 'Feature' ? content.geometry : content;
  if (!isObject(geometry) || geometry.type !== 'Polygon') {
    const found = isObject(geometry) && typeof geometry.type === 'string' ? `a ${geometry.type}` : 'something else';
    return refuse(`--polygon: ${file} must hold a GeoJSON Polygon, or a Feature that is one; it holds ${found}.`);
  }
  // A shape has nothing else: GeoJSON may carry a bbox beside it.
  const shape = { type: geometry.type, coordinates: geometry.coordinates };
  if (Value.Check(PolygonSchema, shape)) return shape;
  return refuse(`--polygon: ${file} is no polygon of a geofence: ${faultsOf(PolygonSchema, shape).slice(0, maxFaultsShown).join('; ')}.`);
}

const isObject = (value: unknown): value is { type?: unknown; geometry?: unknown; coordinates?: unknown } =>
  typeof value === 'object' && value !== null;

function refuse(message: string): never {
  throw new CliError(message, exitCodes.usage);
}
