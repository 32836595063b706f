import { NO_PROPERTIES, type PublishProperties } from '../../packets/properties.js';
import { MAX_FIELD_BYTES, variableIntegerBytes } from './byte-sink.js';
import { fieldBytes, putBinary, putString, putUint16, putUint32, putVariableInteger } from './put.js';

// The properties of PUBLISH field by field, in the order of their identifiers: part of the hot path of write-publish.ts.

/** Without the property length itself; infinite if a field is longer than a field can be. */
export function publishPropertyBytes(properties: PublishProperties): number {
  if (properties === NO_PROPERTIES) return 0;
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData } = properties;
  const { subscriptionIdentifiers, topicAlias, userProperties } = properties;
  let bytes = 0;
  if (payloadFormatIndicator !== undefined) bytes += 2;
  if (messageExpiryInterval !== undefined) bytes += 5;
  if (contentType !== undefined) bytes += 1 + fieldBytes(contentType);
  if (responseTopic !== undefined) bytes += 1 + fieldBytes(responseTopic);
  if (correlationData !== undefined)
    bytes += correlationData.length > MAX_FIELD_BYTES ? Number.POSITIVE_INFINITY : 3 + correlationData.length;
  if (subscriptionIdentifiers !== undefined) for (const each of subscriptionIdentifiers) bytes += 1 + variableIntegerBytes(each);
  if (topicAlias !== undefined) bytes += 3;
  if (userProperties !== undefined) for (const [name, value] of userProperties) bytes += 1 + fieldBytes(name) + fieldBytes(value);
  return bytes;
}

/** Puts them at `at`, where `publishPropertyBytes` have room, and answers where they end. */
export function writePublishProperties(target: Buffer, start: number, properties: PublishProperties): number {
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData } = properties;
  const { subscriptionIdentifiers, topicAlias, userProperties } = properties;
  let at = start;
  if (payloadFormatIndicator !== undefined) {
    target[at++] = 0x01;
    target[at++] = payloadFormatIndicator;
  }
  if (messageExpiryInterval !== undefined) {
    target[at++] = 0x02;
    at = putUint32(target, at, messageExpiryInterval);
  }
  if (contentType !== undefined) {
    target[at++] = 0x03;
    at = putString(target, at, contentType, fieldBytes(contentType) - 2);
  }
  if (responseTopic !== undefined) {
    target[at++] = 0x08;
    at = putString(target, at, responseTopic, fieldBytes(responseTopic) - 2);
  }
  if (correlationData !== undefined) {
    target[at++] = 0x09;
    at = putBinary(target, at, correlationData);
  }
  if (subscriptionIdentifiers !== undefined) {
    for (const each of subscriptionIdentifiers) {
      target[at++] = 0x0b;
      at = putVariableInteger(target, at, each);
    }
  }
  if (topicAlias !== undefined) {
    target[at++] = 0x23;
    at = putUint16(target, at, topicAlias);
  }
  if (userProperties !== undefined) {
    for (const [name, value] of userProperties) {
      target[at++] = 0x26;
      at = putString(target, at, name, fieldBytes(name) - 2);
      at = putString(target, at, value, fieldBytes(value) - 2);
    }
  }
  return at;
}
