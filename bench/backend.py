# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""A back end, which changes desired properties through local-hub's service API over one kept connection; tokens."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import time
import urllib.parse


class BackEnd:
    """A connection to the service API, made of the lines that local-hub prints for a shell."""

    def __init__(self, variables):
        parts = fields(variables["IOTHUB_CONNECTION_STRING"])
        host, _, port = parts["HostName"].partition(":")
        self.token = token(parts["HostName"], parts["SharedAccessKeyName"], parts["SharedAccessKey"])
        context = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])
        self.connection = http.client.HTTPSConnection(host, int(port or 443), context=context, timeout=10)
        self.connection.connect()

    def change_desired(self, device, patch):
        """Merges `patch` into the desired properties; returns when the hub has confirmed it."""
        self.connection.request(
            "PATCH", f"/twins/{device}?api-version=2021-04-12", json.dumps({"properties": {"desired": patch}}),
            {"Authorization": self.token, "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"local-hub answers {answer.status} to a change of desired properties: {text!r}")

    def close(self):
        self.connection.close()


def token(host, policy, key):
    """A service token that is valid for an hour."""
    return f"{signature(host, key)}&skn={policy}"


def device_token(connection_string):
    """A device's token that is valid for an hour."""
    parts = fields(connection_string)
    return signature(f"{parts['HostName']}/devices/{parts['DeviceId']}", parts["SharedAccessKey"])


def fields(connection_string):
    """The parts of a connection string by name."""
    return dict(part.split("=", 1) for part in connection_string.split(";"))


def signature(resource, key):
    """A token without a policy."""
    name, expiry = urllib.parse.quote_plus(resource), int(time.time()) + 3600
    digest = hmac.digest(base64.b64decode(key), f"{name}\n{expiry}".encode(), hashlib.sha256)
    text = urllib.parse.quote_plus(base64.b64encode(digest))
    return f"SharedAccessSignature sr={name}&sig={text}&se={expiry}"
