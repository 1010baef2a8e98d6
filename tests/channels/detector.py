"""Sees whatever text of others makes a page do."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, Page, Route

# Fires what waits for the reader: every listener that markup could have brought along.
STIR = """(roots) => {
  const names = ["mouseover", "focus", "blur", "toggle", "error", "load", "click", "animationstart",
                 "beforetoggle", "slotchange", "begin", "start"];
  for (const node of roots.flatMap((root) => [...root.querySelectorAll("*")]))
    for (const name of names)
      if (name !== "click" || !node.closest("a, button")) node.dispatchEvent(new Event(name));
}"""

# Everything in the page, shadow trees included, that text must never turn into.
FIND_ACTIVE = """() => {
  const found = [], roots = [document];
  for (const root of roots) {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      const name = node.localName;
      for (const { name: key, value } of node.attributes)
        if (key === "style" && node.matches("dialog, textarea")) continue;  // sized by the widget
        else if (/^on|^(style|srcdoc|srcset|ping|formaction|background|xlink:href)$/.test(key))
          found.push(`${name} ${key}=${value}`);
      if (["iframe", "object", "embed", "base", "frame", "template", "math", "style", "video",
           "audio", "portal", "applet"].includes(name)) found.push(name);
      if (name === "meta" && node.httpEquiv) found.push(`meta ${node.httpEquiv}`);
      if (name === "a" && !/^https?:$/.test(node.protocol)) found.push(`a ${node.href}`);
      for (const at of [node.src, name === "link" && node.href])
        if (at && new URL(at).origin !== location.origin) found.push(`${name} ${at}`);
    }
  }
  return found;
}"""


@dataclass
class Detector:
    """Notes everything a page does that it must not; nothing foreign is really asked for."""

    origin: str
    offences: list[str] = field(default_factory=list)

    async def watch(self, context: BrowserContext) -> None:
        context.on("page", self._watch_page)
        await context.route(lambda url: not url.startswith(self.origin), self._refuse)

    async def _refuse(self, route: Route) -> None:
        self.offences.append(f"request {route.request.url}")
        await route.abort()

    def _watch_page(self, page: Page) -> None:
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self.offences.append(f"window {popup.url}"))
        page.on("pageerror", lambda error: self.offences.append(f"error {error}"))
        page.on("websocket", lambda socket: self.offences.append(f"socket {socket.url}"))
        page.on("download", lambda download: self.offences.append(f"download {download.url}"))
        page.on("console", lambda entry: self._check_console(entry.text))

    async def _dismiss(self, dialog: Any) -> None:
        self.offences.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    def _check_console(self, text: str) -> None:
        if re.search("Content Security Policy|TrustedHTML|TrustedScript|Refused to", text):
            self.offences.append(f"console {text}")

    async def inspect(self, page: Page, content: str) -> None:
        """Stirs what `content` selects, then looks at the whole page."""
        address = page.url
        await page.locator(content).evaluate_all(STIR)
        self.offences += await page.evaluate(FIND_ACTIVE)
        if page.url != address:
            self.offences.append(f"navigation {page.url}")
