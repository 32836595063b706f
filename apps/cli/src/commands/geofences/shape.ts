import { readFileSync } from 'node:fs';
import { type GeofenceShape, GeofenceShapeSchema } from '@milepost/contracts';
import { shapeFaults } from '@milepost/presence';
import { Value } from 'typebox/value';
import { CliError, exitCodes } from '../../cli-error.js';

export interface ShapeOptions {
  circle?: string;
  polygon?: string;
}

/** The shape that the command line means. @throws CliError for one that is none, or cannot be used. */
export function shapeOf({ circle, polygon }: ShapeOptions): GeofenceShape {
  if ((circle === undefined) === (polygon === undefined)) refuse('Say --circle or --polygon, one of them.');
  const shape = circle === undefined ? polygonIn(polygon ?? '') : circleOf(circle);
  if (!Value.Check(GeofenceShapeSchema, shape)) {
    const [first] = Value.Errors(GeofenceShapeSchema, shape);
    return refuse(`This is no shape of a geofence: ${first?.instancePath || '/'} ${first?.message}.`);
  }
  const [fault] = shapeFaults(shape);
  return fault === undefined ? shape : refuse(`This shape cannot be used: ${fault.pointer} ${fault.message}.`);
}

function circleOf(text: string): unknown {
  const [latitude, longitude, radiusM, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length > 0 || [latitude, longitude, radiusM].some((value) => value === undefined || Number.isNaN(value)))
    return refuse(`"${text}" is not like 52.5,13.4,300: latitude, longitude, radius in metres.`);
  return { type: 'Circle', center: { latitude, longitude }, radiusM };
}

/** GeoJSON: a polygon, or a feature that is one. */
function polygonIn(file: string): unknown {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(`${file} cannot be read as GeoJSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const geometry = isObject(content) && content.type === 'Feature' ? content.geometry : content;
  // A shape has nothing else: GeoJSON may carry a bbox beside it.
  return isObject(geometry) ? { type: geometry.type, coordinates: geometry.coordinates } : geometry;
}

const isObject = (value: unknown): value is { type?: unknown; geometry?: unknown; coordinates?: unknown } =>
  typeof value === 'object' && value !== null;

function refuse(message: string): never {
  throw new CliError(message, exitCodes.usage);
}
