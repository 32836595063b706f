"""A receiver of milepost's webhooks. Python 3.9 or newer, nothing to install.

    WEBHOOK_SECRET=whsec_... python3 receiver.py 9000
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_AGE_SECONDS = 300
MAX_BODY_BYTES = 1024 * 1024


def verify(body: bytes, headers, secret: str) -> dict:
    """The event, if it is from milepost and not a recording; ValueError otherwise. `body`: the bytes as they came."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > MAX_AGE_SECONDS:
        raise ValueError("too old, or no timestamp")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # Two signatures while a secret is replaced: one that matches is enough.
    signatures = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in signatures):
        raise ValueError("bad signature")
    return json.loads(body)


class Receiver(BaseHTTPRequestHandler):
    seen = set()  # Yours is a table with a unique index on the webhook-id.

    def do_POST(self):
        length = self.headers.get("content-length", "")
        # A negative one would be read for ever.
        if not length.isdecimal():
            return self.answer(411)
        if int(length) > MAX_BODY_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        try:
            event = verify(body, self.headers, os.environ["WEBHOOK_SECRET"])
        except ValueError as error:
            print(f"refused: {error}", file=sys.stderr)
            return self.answer(401)
        # At least once: what has been here before is answered and left alone.
        if event["id"] not in self.seen:
            self.seen.add(event["id"])
            print(event["id"], event["type"], flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal() or "WEBHOOK_SECRET" not in os.environ:
        sys.exit("usage: WEBHOOK_SECRET=whsec_... python3 receiver.py PORT")
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()
