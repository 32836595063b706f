import { NO_PROPERTIES, type UserProperty } from '../../packets/properties.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { isTopicName } from '../../topics/topic-name.js';
import { ownerBit, type PropertiesByOwner, type PropertyOwner, type PropertyRule, RULE_BY_ID } from '../property-table.js';
import type { PacketReader } from './packet-reader.js';

type Collected = Record<string, unknown>;

/** The properties of one packet (MQTT 5.0 §2.2.2); what is wrong with them is the reader's failure. */
export function readProperties<Owner extends PropertyOwner>(reader: PacketReader, owner: Owner): PropertiesByOwner[Owner] {
  const length = reader.variableInteger();
  if (length === 0) return NO_PROPERTIES;
  const outerEnd = reader.enter(length);
  const collected: Collected = {};
  const bit = ownerBit(owner);
  while (reader.remaining > 0) {
    const id = reader.variableInteger();
    const rule = RULE_BY_ID.get(id);
    if (rule === undefined || (rule.owners & bit) === 0) {
      reader.malformed(`property 0x${id.toString(16)} is not one of ${owner}`);
      break;
    }
    readProperty(reader, rule, owner, collected);
  }
  reader.leave(outerEnd);
  return collected as PropertiesByOwner[Owner];
}

function readProperty(reader: PacketReader, rule: PropertyRule, owner: PropertyOwner, collected: Collected): void {
  const { name } = rule;
  if (rule.kind === 'pairs') {
    const pair: UserProperty = [reader.string(name), reader.string(name)];
    append(collected, name, pair);
    return;
  }
  const repeatable = rule.kind === 'identifiers' && owner === 'publish';
  if (collected[name] !== undefined && !repeatable) {
    reader.protocolError(`${name} is given twice`);
    return;
  }
  if (rule.kind === 'identifiers') {
    append(collected, name, above0(reader, name, reader.variableInteger()));
    return;
  }
  collected[name] = readValue(reader, rule, owner);
}

function readValue(reader: PacketReader, { name, kind }: PropertyRule, owner: PropertyOwner): unknown {
  switch (kind) {
    case 'bit':
      return zeroOrOne(reader, name);
    case 'boolean':
      return zeroOrOne(reader, name) === 1;
    case 'uint16':
      return reader.uint16();
    case 'uint16 above 0':
      return above0(reader, name, reader.uint16());
    case 'topic alias': {
      const alias = reader.uint16();
      if (alias === 0) reader.fail(ReasonCode.TopicAliasInvalid, 'topic alias 0 (MQTT-3.3.2-8)');
      return alias;
    }
    case 'uint32':
      return reader.uint32();
    case 'uint32 above 0':
      return above0(reader, name, reader.uint32());
    case 'topic': {
      const topic = reader.string(name);
      if (!isTopicName(topic)) reader.protocolError(`${name} is empty or has a wildcard (MQTT-3.3.2-14)`);
      return topic;
    }
    case 'binary':
      // A view is for PUBLISH, whose payload is one too.
      return owner === 'publish' ? reader.binary() : reader.ownBinary();
    default:
      return reader.string(name);
  }
}

function zeroOrOne(reader: PacketReader, name: string): number {
  const value = reader.byte();
  if (value > 1) reader.protocolError(`${name} is neither 0 nor 1`);
  return value;
}

function above0(reader: PacketReader, name: string, value: number): number {
  if (value === 0) reader.protocolError(`${name} is 0`);
  return value;
}

function append(collected: Collected, name: string, value: unknown): void {
  const list = collected[name];
  if (Array.isArray(list)) list.push(value);
  else collected[name] = [value];
}
