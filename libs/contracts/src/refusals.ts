import Type from 'typebox';

/** Why a connection was refused, and what the owner of the vehicle can do about it. */
export const refusalRemedies = {
  not_tls:
    'What came is not TLS, but MQTT or HTTP in the clear. Configure the client for TLS (mqtts://, or wss:// for WebSocket, with the CA of the broker), or correct the port.',
  broker_not_trusted:
    "The client does not accept the broker's certificate: it does not know the CA that signed it, looks for another host name, or has a clock that is wrong. Give it the CA of the broker (ca.crt beside the vehicle's certificate); correct the host name or the clock. `npx milepost doctor tls` shows what the broker sends.",
  no_certificate: 'The client sent no certificate. Install the vehicle certificate and its key, and configure the client to present them.',
  unknown_ca:
    'No trusted authority signed this certificate. Issue one from an authority that the broker trusts, or add its CA to the trusted CAs.',
  expired: 'The certificate is past its end. Issue a new one; check the clock of whoever issued it.',
  not_yet_valid: "The certificate's start lies in the future. Check the clock of the issuer, or wait until it is valid.",
  revoked: 'The certificate is on the revocation list of its authority. Issue a new one if the vehicle is to come back.',
  bad_vehicle_id:
    'The vehicle id in the certificate does not match ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$. Issue a certificate with a valid CN.',
  organisation_not_allowed:
    "The certificate's authority may not speak for its organisation (O), or the O is not 1 to 128 characters. Correct the O, or allow the organisation for that CA.",
  client_id_mismatch: 'The MQTT client id is not the vehicle id of the certificate. Send the CN as client id, or an empty one.',
  will_not_authorised: 'The will is addressed to a topic that this vehicle may not publish. Use fleet/{vehicle}/status.',
  will_too_large:
    'The will with its properties is larger than one record may be (1 MiB as JSON, in which a control character takes six bytes). Shorten its user properties.',
  will_not_retained:
    'The will is to be retained, and the organisation retains as much as the broker keeps (MQTT_MAX_RETAINED_MESSAGES, 64 MiB), or its topic has more than 128 levels. Remove retained messages, raise the limit, shorten the topic, or send the will without Will Retain.',
  protocol_version: 'The client speaks neither MQTT 3.1.1 (level 4) nor 5.0 (level 5). Configure one of them.',
  malformed_connect: 'The first packet was not a well-formed CONNECT. Check that the client speaks MQTT over TLS on this port.',
  take_over_limit: 'Two clients use this identity and throw each other out. Find the copied certificate and revoke it.',
  connecting_too_often:
    'The client has connected as often in a minute as it may (MQTT_MAX_CONNECTS_PER_CLIENT_PER_MINUTE). Let it wait longer before each attempt; look in the log of the broker why its connections end.',
  bad_login:
    'User name or password is wrong, or the user was removed or disabled. Who was tried is the `commonName`. Look at `npx milepost users list`.',
  no_login:
    'The client sent no user name at a door that knows clients by name and password. Vehicles connect with their certificate at their own door (MQTT_TLS_PORT, 8883 unless configured); users send name and password.',
  too_many_logins: 'Too many logins of this address failed. Correct the password, and try again in a minute.',
  too_many_sessions:
    'The user has as many sessions as it may have (MQTT_MAX_SESSIONS_PER_USER). Use the same client id at each connection, ask for a shorter session expiry, or end sessions with a clean start.',
  client_id_too_long: 'The client id is longer than the broker takes (MQTT_MAX_CLIENT_ID_BYTES). Choose a shorter one.',
  not_authorised: 'The ACL no longer grants what the client had subscribed to. Look at the ACL file of the broker.',
  bad_upgrade:
    'What came is no request for MQTT over WebSocket. Configure wss:// with the path /mqtt and the subprotocol mqtt; who speaks MQTT without WebSocket has the wrong port (MQTT_TLS_PORT, 8883 unless configured).',
  web_page:
    'A web page asked to use a certificate that a browser holds. Vehicles connect from no browser; who uses a web page comes with name and password, and without a certificate.',
  overloaded: 'The broker could not take the connection now. The client should try again later with back-off.',
} as const;

export type RefusalReason = keyof typeof refusalRemedies;
export const refusalReasons = Object.keys(refusalRemedies) as RefusalReason[];
export const RefusalReasonSchema = Type.Enum(refusalReasons);
