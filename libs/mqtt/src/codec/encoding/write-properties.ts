import type { Properties, UserProperty } from '../../packets/properties.js';
import { type PropertyRule, RULE_BY_NAME } from '../property-table.js';
import { ByteCounter, type ByteSink } from './byte-sink.js';

/** The property length and the properties themselves. A property that is undefined is left out. */
export function writeProperties(sink: ByteSink, properties: Properties): void {
  const counter = new ByteCounter();
  writeEach(counter, properties);
  sink.variableInteger(counter.count);
  if (counter.count > 0) writeEach(sink, properties);
}

export function hasProperties(properties: Properties): boolean {
  for (const name in properties) {
    if (properties[name as keyof Properties] !== undefined) return true;
  }
  return false;
}

function writeEach(sink: ByteSink, properties: Properties): void {
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    const rule = RULE_BY_NAME.get(name);
    if (value !== undefined && rule !== undefined) writeProperty(sink, rule, value);
  }
}

function writeProperty(sink: ByteSink, { id, kind }: PropertyRule, value: Exclude<Properties[keyof Properties], undefined>): void {
  if (kind === 'pairs') {
    for (const [name, text] of value as readonly UserProperty[]) {
      sink.byte(id);
      sink.string(name);
      sink.string(text);
    }
    return;
  }
  if (kind === 'identifiers') {
    for (const identifier of value as readonly number[]) {
      sink.byte(id);
      sink.variableInteger(identifier);
    }
    return;
  }
  sink.byte(id);
  switch (kind) {
    case 'bit':
    case 'boolean':
      sink.byte(Number(value));
      break;
    case 'uint16':
    case 'uint16 above 0':
    case 'topic alias':
      sink.uint16(value as number);
      break;
    case 'uint32':
    case 'uint32 above 0':
      sink.uint32(value as number);
      break;
    case 'binary':
      sink.binary(value as Buffer);
      break;
    case 'string':
    case 'topic':
      sink.string(value as string);
      break;
  }
}
