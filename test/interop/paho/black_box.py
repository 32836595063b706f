"""One behaviour of the broker, as a paho client sees it. Ends with 0, or says what was wrong and ends with 1.

usage: black_box.py BEHAVIOUR DOOR VERSION
  BEHAVIOUR  one of those below, by name
  DOOR       JSON: transport (tcp, tls, ws, wss), port, caFile, username, password, certificate, key, clientId
  VERSION    4 (MQTT 3.1.1) or 5
"""

import json
import sys
import threading
import time
import uuid

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

WAIT_S = 20


class Client:
    """A connected client that collects what it gets."""

    def __init__(self, door, version, client_id=None, kept=False, will=None):
        self.version = version
        self.received = []
        self.changed = threading.Condition()
        self.connack = None
        self.acknowledged = {}
        websocket = door["transport"] in ("ws", "wss")
        more = {} if version == 5 else {"clean_session": not kept}
        self.paho = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or door.get("clientId") or f"paho-{uuid.uuid4().hex[:12]}",
            protocol=paho.MQTTv5 if version == 5 else paho.MQTTv311,
            transport="websockets" if websocket else "tcp",
            reconnect_on_failure=False,
            **more,
        )
        if websocket:
            self.paho.ws_set_options(path="/mqtt")
        if door["transport"] in ("tls", "wss"):
            self.paho.tls_set(ca_certs=door["caFile"], certfile=door.get("certificate"), keyfile=door.get("key"))
        if "username" in door:
            self.paho.username_pw_set(door["username"], door["password"])
        if will:
            self.paho.will_set(will[0], will[1], qos=1)
        self.paho.on_connect = self.on_connect
        self.paho.on_message = self.on_message
        self.paho.on_publish = self.on_publish
        self.paho.on_subscribe = self.on_subscribe
        asked = {}
        if version == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600 if kept else 0
            asked = {"clean_start": not kept, "properties": properties}
        self.paho.connect("localhost", door["port"], keepalive=30, **asked)
        self.paho.loop_start()
        self.until(lambda: self.connack is not None, "CONNACK")
        if self.connack.is_failure:
            raise AssertionError(f"refused: {self.connack}")

    def on_connect(self, _client, _userdata, flags, code, _properties):
        with self.changed:
            self.connack, self.session_present = code, flags.session_present
            self.changed.notify_all()

    def on_message(self, _client, _userdata, message):
        with self.changed:
            self.received.append(message)
            self.changed.notify_all()

    def on_publish(self, _client, _userdata, mid, code, _properties):
        with self.changed:
            self.acknowledged[mid] = code
            self.changed.notify_all()

    def on_subscribe(self, _client, _userdata, mid, codes, _properties):
        with self.changed:
            self.acknowledged[mid] = codes
            self.changed.notify_all()

    def until(self, is_true, what):
        with self.changed:
            if not self.changed.wait_for(is_true, WAIT_S):
                raise AssertionError(f"waited {WAIT_S} s for {what}; received {self.texts()}")

    def texts(self):
        return [message.payload.decode() for message in self.received]

    def gets(self, texts):
        self.until(lambda: len(self.received) >= len(texts), f"{len(texts)} messages")
        equal(self.texts(), texts)

    def publish(self, topic, text, qos=1, retain=False, properties=None):
        """The code with which it is acknowledged."""
        mid = self.paho.publish(topic, text, qos=qos, retain=retain, properties=properties).mid
        self.until(lambda: mid in self.acknowledged, "the acknowledgement of a publish")
        return self.acknowledged[mid]

    def subscribe(self, topic, qos=1, options=None, properties=None):
        """The codes of SUBACK."""
        asked = {"options": options or SubscribeOptions(qos=qos), "properties": properties} if self.version == 5 else {"qos": qos}
        _, mid = self.paho.subscribe(topic, **asked)
        self.until(lambda: mid in self.acknowledged, "SUBACK")
        return [code.value for code in self.acknowledged[mid]]

    def close(self):
        self.paho.disconnect()
        self.paho.loop_stop()

    def break_off(self):
        """The connection ends without DISCONNECT."""
        self.paho.loop_stop()
        self.paho._sock_close()


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r}, and not {wanted!r}")


def own_topic():
    return f"black-box/{uuid.uuid4()}"


def every_quality_of_service(door, version):
    for published, subscribed in [(0, 2), (1, 2), (2, 2), (2, 1), (2, 0)]:
        publisher, subscriber, topic = Client(door, version), Client(door, version), own_topic()
        equal(subscriber.subscribe(f"{topic}/+", subscribed), [subscribed])
        publisher.publish(f"{topic}/a", "hello", published)
        subscriber.gets(["hello"])
        equal(subscriber.received[0].qos, min(published, subscribed))
        publisher.close()
        subscriber.close()


def retained(door, version):
    publisher, topic = Client(door, version), own_topic()
    publisher.publish(topic, "first", retain=True)
    publisher.publish(topic, "last", retain=True)
    subscriber = Client(door, version)
    subscriber.subscribe(f"{topic}/#")
    subscriber.gets(["last"])
    equal(subscriber.received[0].retain, True)
    publisher.publish(topic, "", retain=True)
    late = Client(door, version)
    late.subscribe(f"{topic}/#")
    publisher.publish(f"{topic}/mark", "mark")
    late.gets(["mark"])


def session(door, version):
    publisher, topic, client_id = Client(door, version), own_topic(), f"paho-{uuid.uuid4().hex[:12]}"
    first = Client(door, version, client_id, kept=True)
    equal(first.session_present, False)
    first.subscribe(topic, 2)
    first.break_off()
    sent = [str(number) for number in range(100)]
    for number, text in enumerate(sent):
        publisher.publish(topic, text, 1 + number % 2)
    second = Client(door, version, client_id, kept=True)
    equal(second.session_present, True)
    second.until(lambda: len(second.received) >= len(sent), "what waited")
    # paho hands a message of QoS 2 over when it is released: each quality keeps its own order.
    for quality in (1, 2):
        equal([text for text in second.texts() if int(text) % 2 == quality - 1], [text for text in sent if int(text) % 2 == quality - 1])
    second.close()
    equal(Client(door, version, client_id).session_present, False)


def will(door, version):
    subscriber, topic = Client(door, version), own_topic()
    subscriber.subscribe(f"{topic}/#")
    Client(door, version, will=(f"{topic}/will", "never")).close()
    Client(door, version, will=(f"{topic}/will", "broken off")).break_off()
    subscriber.gets(["broken off"])


def many_in_flight(door, version):
    publisher, subscriber, topic = Client(door, version), Client(door, version), own_topic()
    subscriber.subscribe(topic, 2)
    sent = [str(number) for number in range(500)]
    for text in sent:
        publisher.paho.publish(topic, text, qos=2)
    large = "x" * 200_000
    publisher.paho.publish(topic, large, qos=2)
    subscriber.gets([*sent, large])


def properties(door, version):
    equal(version, 5)
    publisher, subscriber, topic = Client(door, version), Client(door, version), own_topic()
    asked = Properties(PacketTypes.SUBSCRIBE)
    asked.SubscriptionIdentifier = 42
    subscriber.subscribe(topic, options=SubscribeOptions(qos=1, noLocal=True), properties=asked)
    sent = Properties(PacketTypes.PUBLISH)
    sent.PayloadFormatIndicator = 1
    sent.MessageExpiryInterval = 3600
    sent.ContentType = "text/plain"
    sent.ResponseTopic = f"{topic}/answer"
    sent.CorrelationData = bytes([1, 2, 3])
    sent.UserProperty = [("unit", "km"), ("unit", "mi")]
    publisher.publish(topic, "question", properties=sent)
    subscriber.gets(["question"])
    got = subscriber.received[0].properties
    for name in ("PayloadFormatIndicator", "ContentType", "ResponseTopic", "CorrelationData", "UserProperty"):
        equal(getattr(got, name), getattr(sent, name))
    equal(got.SubscriptionIdentifier, [42])
    equal(3500 < got.MessageExpiryInterval <= 3600, True)
    subscriber.publish(topic, "own")
    publisher.publish(topic, "of another")
    subscriber.gets(["question", "of another"])


def shared(door, version):
    equal(version, 5)
    publisher, topic = Client(door, version), own_topic()
    members = [Client(door, version), Client(door, version)]
    for member in members:
        member.subscribe(f"$share/group/{topic}")
    sent = [str(number) for number in range(100)]
    for text in sent:
        publisher.publish(topic, text)
    deadline = time.monotonic() + WAIT_S
    while sum(len(member.received) for member in members) < len(sent) and time.monotonic() < deadline:
        time.sleep(0.05)
    equal(sorted(text for member in members for text in member.texts()), sorted(sent))
    equal(all(member.received for member in members), True)


def refused(door, version):
    client, topic = Client(door, version), own_topic()
    equal(client.subscribe("elsewhere/#"), [0x87 if version == 5 else 0x80])
    if version == 5:
        equal(client.publish("elsewhere", "x").value, 0x87)
        client.subscribe(topic)
        client.publish(topic, "granted")
        client.gets(["granted"])


def position(door, version):
    vehicle = Client(door, version)
    for qos in (0, 1, 2):
        fix = {"recordedAt": int(time.time() * 1000), "latitude": 50, "longitude": 8, "sequence": qos}
        vehicle.publish(f"fleet/{door['clientId']}/location", json.dumps(fix), qos)
    vehicle.close()


behaviours = [every_quality_of_service, retained, session, will, many_in_flight, properties, shared, refused, position]

if __name__ == "__main__":
    name, door, version = sys.argv[1:]
    try:
        {behaviour.__name__: behaviour for behaviour in behaviours}[name](json.loads(door), int(version))
    except AssertionError as error:
        sys.exit(str(error))
