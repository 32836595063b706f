import type {
  AckProperties,
  AuthProperties,
  ConnackProperties,
  ConnectProperties,
  DisconnectProperties,
  PublishProperties,
  SubscribeProperties,
  UnsubscribeProperties,
  WillProperties,
} from './properties.js';

/** 4 is MQTT 3.1.1, 5 is MQTT 5.0 (the protocol level byte of CONNECT). */
export type ProtocolVersion = 4 | 5;
export type QoS = 0 | 1 | 2;

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: WillProperties;
}

export interface Connect {
  readonly type: 'connect';
  readonly protocolVersion: ProtocolVersion;
  readonly clientId: string;
  /** Clean Start of 5.0, Clean Session of 3.1.1. */
  readonly cleanStart: boolean;
  readonly keepAliveSeconds: number;
  readonly userName?: string;
  readonly password?: Buffer;
  readonly will?: Will;
  readonly properties: ConnectProperties;
}

export interface Connack {
  readonly type: 'connack';
  readonly sessionPresent: boolean;
  /** A reason code in 5.0, a return code (0–5) in 3.1.1. */
  readonly reasonCode: number;
  readonly properties: ConnackProperties;
}

export interface Publish {
  readonly type: 'publish';
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 with QoS 0. */
  readonly packetId: number;
  readonly properties: PublishProperties;
}

interface Acknowledgement {
  readonly packetId: number;
  /** Always 0 in 3.1.1, which has no place for it. */
  readonly reasonCode: number;
  readonly properties: AckProperties;
}

export interface Puback extends Acknowledgement {
  readonly type: 'puback';
}
export interface Pubrec extends Acknowledgement {
  readonly type: 'pubrec';
}
export interface Pubrel extends Acknowledgement {
  readonly type: 'pubrel';
}
export interface Pubcomp extends Acknowledgement {
  readonly type: 'pubcomp';
}
export type Ack = Puback | Pubrec | Pubrel | Pubcomp;

/** One line of a SUBSCRIBE. 3.1.1 has the QoS only: the rest is false and 0 there. */
export interface Subscription {
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: send retained messages; 1: only if the subscription is new; 2: never. */
  readonly retainHandling: 0 | 1 | 2;
}

export interface Subscribe {
  readonly type: 'subscribe';
  readonly packetId: number;
  readonly subscriptions: readonly Subscription[];
  readonly properties: SubscribeProperties;
}

export interface Suback {
  readonly type: 'suback';
  readonly packetId: number;
  readonly reasonCodes: readonly number[];
  readonly properties: AckProperties;
}

export interface Unsubscribe {
  readonly type: 'unsubscribe';
  readonly packetId: number;
  readonly filters: readonly string[];
  readonly properties: UnsubscribeProperties;
}

export interface Unsuback {
  readonly type: 'unsuback';
  readonly packetId: number;
  /** Empty in 3.1.1. */
  readonly reasonCodes: readonly number[];
  readonly properties: AckProperties;
}

export interface Pingreq {
  readonly type: 'pingreq';
}

export interface Pingresp {
  readonly type: 'pingresp';
}

export interface Disconnect {
  readonly type: 'disconnect';
  readonly reasonCode: number;
  readonly properties: DisconnectProperties;
}

export interface Auth {
  readonly type: 'auth';
  readonly reasonCode: number;
  readonly properties: AuthProperties;
}

export type Packet =
  | Connect
  | Connack
  | Publish
  | Puback
  | Pubrec
  | Pubrel
  | Pubcomp
  | Subscribe
  | Suback
  | Unsubscribe
  | Unsuback
  | Pingreq
  | Pingresp
  | Disconnect
  | Auth;
