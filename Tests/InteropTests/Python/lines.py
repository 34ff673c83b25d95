# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""One JSON request per line on standard input, one JSON answer per line on standard output.

A request is {"do": name, ...arguments}; the answer is {"ok": value} or {"error": type name, "message": text}.
Everything an SDK logs goes to standard error, so that it cannot mix with the answers.
"""

import json
import logging
import os
import sys

_answers = sys.stdout
sys.stdout = sys.stderr
logging.basicConfig(stream=sys.stderr, level=os.environ.get("INTEROP_LOG", "ERROR").upper())


def _answer(value):
    _answers.write(json.dumps(value) + "\n")
    _answers.flush()


def serve(commands):
    """Runs `commands[name](request)` for every request until standard input ends, which ends the program."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            _answer({"ok": commands[request["do"]](request)})
        except Exception as error:  # every failure is the test's business, so all of them are passed on
            response = getattr(error, "response", None)
            body = response.text if response is not None else ""
            message = " ".join(str(part) for part in (error, error.__cause__ or "", body) if str(part))
            _answer({"error": type(error).__name__, "message": message})
    # Threads of an SDK client that was not shut down would keep the interpreter alive.
    os._exit(0)
