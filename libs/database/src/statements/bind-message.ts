import { type ArrayType, mostArrayBytes, viewOf, writeArray } from './array-parameter.js';
import { columns, type Statement } from './sql.js';

type Scalar = Buffer | string | null;
type Parameter = { type: ArrayType; column: readonly unknown[] } | { scalar: Scalar };

const int16Bytes = 2;
const int32Bytes = 4;
const bindCode = 0x42;

/**
 * The message Bind of the extended protocol, written once and into one buffer: pg would copy every array three times, into buffers that grow.
 * Layout: code; length; portal (the unnamed one) and statement, each with a zero behind it; a format for each parameter (0 text, 1 binary); each
 * parameter behind its length, or −1 for null; one format for all results, text.
 * @param name under which the statement was prepared
 * @throws as `arrayParameter`, and TypeError for a parameter that is neither an array that the statement casts nor a scalar
 */
export function bindMessage(name: string, statement: Statement, values: readonly unknown[]): Buffer {
  const parameters = columns(statement, values).map((value, index): Parameter => {
    const type = statement.arrays.get(index);
    return type !== undefined && Array.isArray(value) ? { type, column: value } : { scalar: scalarOf(value) };
  });
  const nameBytes = Buffer.byteLength(name);
  const around = 1 + int32Bytes + 1 + nameBytes + 1 + int16Bytes + int16Bytes * parameters.length + int16Bytes + int16Bytes * 2;
  const buffer = Buffer.allocUnsafe(parameters.reduce((sum, parameter) => sum + int32Bytes + mostBytes(parameter), around));
  const view = viewOf(buffer);

  buffer[0] = bindCode;
  let at = 1 + int32Bytes;
  buffer[at++] = 0;
  at += buffer.write(name, at);
  buffer[at++] = 0;
  const int16 = (value: number) => {
    view.setInt16(at, value);
    at += int16Bytes;
  };
  int16(parameters.length);
  for (const parameter of parameters) int16('type' in parameter || Buffer.isBuffer(parameter.scalar) ? 1 : 0);
  int16(parameters.length);
  for (const parameter of parameters) {
    const start = at + int32Bytes;
    const end = write(parameter, buffer, view, start);
    view.setInt32(at, 'scalar' in parameter && parameter.scalar === null ? -1 : end - start);
    at = end;
  }
  int16(1);
  int16(0);
  view.setInt32(1, at - 1);
  return buffer.subarray(0, at);
}

function mostBytes(parameter: Parameter): number {
  if ('type' in parameter) return mostArrayBytes(parameter.type, parameter.column);
  return parameter.scalar === null ? 0 : Buffer.byteLength(parameter.scalar);
}

function write(parameter: Parameter, buffer: Buffer, view: DataView, at: number): number {
  if ('type' in parameter) return writeArray(parameter.type, parameter.column, buffer, view, at);
  const { scalar } = parameter;
  if (scalar === null) return at;
  return at + (typeof scalar === 'string' ? buffer.write(scalar, at) : scalar.copy(buffer, at));
}

function scalarOf(value: unknown): Scalar {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value) || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(
    `A parameter is a ${Array.isArray(value) ? 'list that the statement does not cast to one of the known arrays' : typeof value}`,
  );
}
