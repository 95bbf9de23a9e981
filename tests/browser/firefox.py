"""Drive Firefox without any program between: it speaks WebDriver BiDi over a socket of its own.

Only what the tests need: open a page, run a script in it, press keys. https://www.w3.org/TR/webdriver-bidi/
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import websocket

PATIENCE = 60  # seconds for Firefox to start, or to answer


class Page:
    """A tab of a running Firefox."""

    def __init__(self, socket: websocket.WebSocket):
        self.socket = socket
        self.count = 0
        self.errors: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.tab = self.call("browsingContext.create", type="tab")["context"]

    def call(self, method: str, **parameters) -> dict:
        """Send a command and return its answer; what scripts of the page report as errors is kept in `errors`."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(message["params"]["text"])
            if message.get("id") == self.count:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]

    def goto(self, address: str) -> None:
        """Open a page and wait until it is there."""
        self.call("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def evaluate(self, expression: str):
        """Return what a JavaScript expression gives, after the promise if it is one, by way of JSON."""
        source = f"(async () => JSON.stringify(await ({expression})))()"
        answer = self.call(
            "script.evaluate", expression=source, target={"context": self.tab}, awaitPromise=True, userActivation=True
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other; special keys are those of WebDriver, such as \\ue014."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self.call("input.performActions", context=self.tab, actions=[keyboard])


@contextmanager
def browsing(program: str) -> Iterator[Page]:
    """Start Firefox with a profile of its own, and give a tab of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = f"ws://127.0.0.1:{port_of(Path(profile))}/session"
            socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
            yield Page(socket)
            socket.close()
        finally:
            process.terminate()
            process.wait()


def port_of(profile: Path) -> int:
    """Wait until Firefox has written at which port it listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return json.loads((profile / "WebDriverBiDiServer.json").read_text("utf-8"))["ws_port"]
        except (OSError, ValueError):
            time.sleep(0.1)
    raise TimeoutError("Firefox did not start")
