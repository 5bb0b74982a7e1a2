"""A headless Chromium, spoken to over a pipe in the words of its DevTools protocol: no port, no network, and nothing but Python's own library.

Every wait has an end: what a browser has not answered by then has failed, and the browser goes."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "about:blank",
]


class Failed(Exception):
    """The browser said no, or nothing."""


class Browser:
    """`with Browser() as browser:`; it has one page."""

    def __init__(self, seconds=120):
        self.deadline = time.monotonic() + seconds
        self.directory = tempfile.mkdtemp(prefix="pktpath-browser.")
        self.number = 0
        self.session = None
        self.buffer = b""
        self.events = []

    def allow(self, seconds):
        """From now on it has so long to answer."""
        self.deadline = time.monotonic() + seconds

    def __enter__(self):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def pipes():  # the browser reads from 3 and writes to 4
            a, b = os.dup(to_browser), os.dup(from_browser)
            os.dup2(a, 3)
            os.dup2(b, 4)

        environment = dict(os.environ, HOME=self.directory, XDG_CONFIG_HOME=self.directory, XDG_CACHE_HOME=self.directory)
        self.process = subprocess.Popen(["chromium", "--user-data-dir=" + self.directory + "/profile"] + ARGUMENTS, close_fds=False,
                                        preexec_fn=pipes, start_new_session=True, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        try:
            target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
            self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
            self.call("Page.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.read_end)
        os.close(self.write_end)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _message(self):
        while b"\0" not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                raise Failed("the browser did not answer in time")
            some = os.read(self.read_end, 1 << 20)
            if not some:
                raise Failed("the browser ended")
            self.buffer += some
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        """What the browser answers to a method of the protocol."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Failed(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.events.append(answer.get("method"))

    def open(self, path):
        """Loads a file and waits until all of it is there."""
        self.events = []
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while "Page.loadEventFired" not in self.events:
            self.events.append(self._message().get("method"))

    def dress(self, width, height=900, scheme="light", media="screen"):
        """The window that the page has, and what its style sheet asks for."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def run(self, script):
        """The value of an expression in the page, whatever the page's policy forbids scripts of its own."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failed(answer["exceptionDetails"].get("exception", {}).get("description", "a script failed"))
        return answer["result"].get("value")

    def point(self, x, y):
        """Moves the pointer there."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
