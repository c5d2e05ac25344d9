"""Debian's chromium without a window, by its debugging protocol over a pipe: it needs no driver and no port.

https://chromedevtools.github.io/devtools-protocol/; messages are JSON that ends with a zero byte.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-extensions",
    "--disable-background-networking", "--disable-dev-shm-usage", "--force-device-scale-factor=1",
    "--hide-scrollbars",
)  # fmt: skip
PATIENCE = 60  # seconds
CODES = {"Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


class Chromium:
    """One page, and all that it asks of any network or complains of (`requests`, `complaints`)."""

    def __init__(self, profile: Path):
        """profile: an empty folder; its subfolder `files` gets what the page exports."""
        self.files = profile / "files"
        self.files.mkdir(parents=True)
        own_read, self.write = os.pipe()
        self.read, own_write = os.pipe()
        sandbox = () if os.geteuid() else ("--no-sandbox",)  # root has none

        def fds() -> None:
            """Chromium reads from 3 and writes to 4; either may be one of these now."""
            one, other = (fcntl.fcntl(of, fcntl.F_DUPFD, 10) for of in (own_read, own_write))
            os.dup2(one, 3)
            os.dup2(other, 4)

        command = [PROGRAM, *FLAGS, *sandbox, f"--user-data-dir={profile / 'profile'}", "about:blank"]
        self.process = subprocess.Popen(
            command, preexec_fn=fds, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(own_read)
        os.close(own_write)
        self.events, self.requests, self.complaints = [], [], []
        self.rest, self.number, self.session = b"", 0, None
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(of["targetId"] for of in targets if of["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.files))

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        os.close(self.read)
        os.close(self.write)

    def call(self, method: str, **params: Any) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self.number:
            self._heard(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self.rest:
            more = os.read(self.read, 1 << 20)
            if not more:
                raise RuntimeError("chromium ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def _heard(self, event: dict) -> None:
        of, method = event.get("params", {}), event.get("method")
        if method == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(of["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Log.entryAdded":
            self.complaints.append(of["entry"]["text"])
        self.events.append(method)

    def open(self, path: Path | str) -> "Chromium":
        """Shows the file, and waits until all of it is there."""
        self.events.clear()
        self.call("Page.navigate", url=path if isinstance(path, str) else path.resolve().as_uri())
        return self._loaded()

    def reload(self) -> "Chromium":
        self.events.clear()
        self.call("Page.reload")
        return self._loaded()

    def _loaded(self) -> "Chromium":
        while "Page.loadEventFired" not in self.events:
            self._heard(self._next())
        return self

    def js(self, expression: str) -> Any:
        """What the expression is worth; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def press(self, *keys: str) -> None:
        """As somebody types. A capital is pressed with Shift."""
        for key in keys:
            letter = key if len(key) == 1 else "\r" if key == "Enter" else ""
            code = CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
            own = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if letter.isupper() else 0}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=letter, **own)
            self.call("Input.dispatchKeyEvent", type="keyUp", **own)

    def text(self, selector: str) -> str:
        """What a reader sees there."""
        return self.js(f"document.querySelector({json.dumps(selector)}).innerText")

    def click(self, selector: str) -> None:
        self.js(f"document.querySelector({json.dumps(selector)}).click()")

    def choose(self, selector: str, file: Path) -> None:
        """As somebody picks a file."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    def exported(self, name: str) -> Path:
        """The file that the page wrote last under this name, once it is whole."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (path := self.files / name).exists() and path.stat().st_size:  # it is there before what it holds
                return path
            time.sleep(0.02)
        raise AssertionError(f"nothing was exported as {name}")

    def size(self, width: int, height: int, dark: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def picture(self, path: Path, whole: bool = False) -> None:
        made = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))
