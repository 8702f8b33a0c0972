"""A person at a headless Chromium who signs in on whatever page an address leads to; the driver finds it as $BROWSER.

usage: chromium.py URL

LOGIN_NAME and LOGIN_PASSWORD are typed, LOGIN_DECISION (allow, deny) is pressed. The browser closes on the first page that asks
for nothing. LOGIN_LOG names a file that gets one JSON line a page: url, title, text.
"""

import fcntl
import json
import os
import sys
import tempfile
import time

SECONDS = 60

# What a person does on a page: fills in the fields, presses the button. Once a page. Tells what there was to see.
ACT = """
((name, password, decision) => {
  const seen = { url: location.href, title: document.title, text: document.body.innerText, asked: false, ready: true };
  if (document.readyState !== 'complete' || location.href === 'about:blank') return { ...seen, ready: false };
  const first = (selectors) => document.querySelector(selectors);
  const user = first('#username, input[name=login]');
  const secret = first('input[type=password]');
  const button = decision === 'deny'
    ? first('#deny, a[href$="/abort"], button[name=abort]')
    : first('#allow, button[type=submit], form button');
  // A form without anything to fill in or press sends itself: the page after it is to be waited for.
  const sends = [...document.forms].some((form) => !form.querySelector('input:not([type=hidden]), button'));
  if (!button) return { ...seen, ready: !sends };
  seen.asked = true;
  if (window.pressed) return seen;
  window.pressed = true;
  if (user) user.value = name;
  if (secret) secret.value = password;
  button.click();
  return seen;
})(%s, %s, %s)
"""

OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server", "--remote-debugging-pipe",
]  # fmt: skip


class Browser:
    """Chromium's DevTools protocol over a pair of pipes: JSON messages that end with a zero byte."""

    def __init__(self, profile):
        commands, out = os.pipe()
        into, answers = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4. The ends that become those stand out of the way first.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (commands, answers)]
        program = os.environ.get("OKTA_CHROMIUM", "chromium")
        silence = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        wired = [(os.POSIX_SPAWN_DUP2, end, number) for end, number in zip(ends, (3, 4))]
        arguments = [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self.process = os.posix_spawnp(program, arguments, os.environ, file_actions=silence + wired)
        for end in (commands, answers, *ends):
            os.close(end)
        self.out, self.into = os.fdopen(out, "wb", 0), os.fdopen(into, "rb", 0)
        self.buffer, self.number, self.session = b"", 0, None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self.number:
                return answer.get("result", {})

    def _message(self):
        while b"\0" not in self.buffer:
            read = self.into.read(65536)
            if not read:
                raise EOFError("Chromium has ended")
            self.buffer += read
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def open(self, url):
        target = self.call("Target.createTarget", url=url)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def evaluate(self, script):
        """None while the page is being replaced."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True).get("result", {})
        return result.get("value")

    def close(self):
        try:
            self.call("Browser.close")
        except (EOFError, BrokenPipeError):
            pass  # It is gone already.
        self.out.close()
        self.into.close()
        os.waitpid(self.process, 0)


def sign_in(url, name, password, decision="allow"):
    """The pages on the way, the last of which asks for nothing."""
    script = ACT % tuple(json.dumps(text) for text in (name, password, decision))
    pages, deadline = [], time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.open(url)
            while time.monotonic() < deadline:
                page = browser.evaluate(script)
                if page and page["ready"]:
                    if page["url"].startswith("chrome-error:"):
                        # Nobody listens there; the address bar shows where it was to go.
                        history = browser.call("Page.getNavigationHistory")
                        page["url"] = history["entries"][history["currentIndex"]]["url"]
                    if not pages or pages[-1] != page:
                        pages.append(page)
                    if not page["asked"]:
                        return pages
                time.sleep(0.05)
            raise TimeoutError(f"still there after {SECONDS} s: {pages[-1:]}")
        finally:
            browser.close()


def main():
    pages = sign_in(
        sys.argv[1],
        os.environ.get("LOGIN_NAME", ""),
        os.environ.get("LOGIN_PASSWORD", ""),
        os.environ.get("LOGIN_DECISION", "allow"),
    )
    log = os.environ.get("LOGIN_LOG")
    if log:
        with open(log, "a") as file:
            file.writelines(json.dumps(page) + "\n" for page in pages)


if __name__ == "__main__":
    main()
