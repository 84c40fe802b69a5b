"use strict";
(() => {
  const body = document.body;
  const widget = document.querySelector("main > .cwdb-widget");
  const form = document.querySelector("main > form");
  const popup = document.querySelector("body > dialog");
  const question = popup.nextElementSibling;
  const banner = document.querySelector("body > .console-banner");
  const at = document.querySelector("header .console-fresh > [role=status]");

  // --- What a widget's actions are.

  /** The actions behind an element: those between it and the next one. */
  function* actionsOf(element) {
    let next = element.nextElementSibling;
    for (; next && /^(cwdb-action|noscript)$/.test(next.localName); next = next.nextElementSibling) {
      if (next.localName === "cwdb-action") yield next;
    }
  }

  /** The innermost element around a node that has an action for the event, and that action. */
  function found(node, event) {
    for (let element = node instanceof Element ? node : null; element; element = element.parentElement) {
      if (element.classList.contains("cwdb-widget")) return null;
      for (const action of actionsOf(element)) {
        if (action.getAttribute("event") === event) return { trigger: element, action };
      }
    }
    return null;
  }

  const hasFields = () => document.querySelector(".cwdb-widget :is(input, select, textarea)[name]") !== null;
  const isCall = (action) => action.getAttribute("action") === "call";
  const isPopup = (action) => action.getAttribute("display") === "popup";
  const isStep = (action) => isCall(action) && !isPopup(action) && !action.hasAttribute("confirmation");

  // --- Doing them.

  async function perform(action) {
    if (action.hasAttribute("confirmation") && !(await confirmed(action.getAttribute("confirmation")))) return;
    if (!isCall(action)) {
      if (isPopup(action)) open(action);
      else widget.replaceChildren(...[...action.childNodes].map((node) => node.cloneNode(true)));
    } else if (isStep(action)) {
      const button = document.createElement("button");
      button.name = "cwdb-action";
      button.value = action.getAttribute("value");
      button.hidden = true;
      form.append(button);
      HTMLFormElement.prototype.requestSubmit.call(form, button);
      button.remove();
    } else {
      await call(action);
    }
  }

  async function call(action) {
    const data = new URLSearchParams(new FormData(form));
    data.append("cwdb-action", action.getAttribute("value"));
    data.append("cwdb-confirmed", "yes");
    body.classList.add("console-busy");
    try {
      const answer = await asked("/call", { method: "POST", body: data });
      if (isPopup(action)) {
        popup.lastElementChild.innerHTML = answer.html;
        popup.showModal();
      } else {
        widget.innerHTML = answer.html;
      }
    } catch (error) {
      complain(error.message);
    } finally {
      body.classList.remove("console-busy");
    }
  }

  popup.addEventListener("close", () => popup.lastElementChild.replaceChildren()); // its fields are not sent any more

  async function asked(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { ...options, headers: { Accept: "application/json" } });
    } catch {
      throw new Error("The console does not answer. Start it again with: choreography console");
    }
    if (response.status === 403) {
      throw new Error("The console was started again. Open the address that it printed.");
    }
    if (!response.headers.get("Content-Type").startsWith("application/json")) {
      throw new Error(`The console answers ${response.status} ${response.statusText}. Load the page again.`);
    }
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.trouble);
    return answer;
  }

  function complain(text) {
    banner.textContent = text;
    banner.hidden = false;
  }

  function confirmed(text) {
    question.querySelector("p").textContent = text;
    question.returnValue = "";
    question.showModal();
    return new Promise((resolve) =>
      question.addEventListener("close", () => resolve(question.returnValue === "yes"), { once: true }),
    );
  }

  function open(action, trigger) {
    action.showPopover();
    if (!trigger) {
      action.tabIndex = -1;
      action.focus();
      return;
    }
    const around = trigger.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = action;
    const below = around.bottom + height <= innerHeight || around.top < height;
    action.style.margin = "0";
    action.style.inset = "auto";
    action.style.left = `${Math.max(8, Math.min(around.left, innerWidth - width - 8))}px`;
    action.style.top = `${below ? around.bottom : around.top - height}px`;
  }

  // --- When they are done.

  for (const name of ["click", "dblclick"]) {
    document.addEventListener(name, (event) => {
      const hit = found(event.target, name);
      if (!hit) return;
      const link = hit.trigger.closest("a[href]");
      const isOurs = link && link.origin === location.origin;
      const isNewTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (isOurs && isStep(hit.action) && (isNewTab || !hasFields())) return; // the link does it
      event.preventDefault();
      perform(hit.action);
    });
  }

  document.addEventListener("keydown", (event) => {
    const on = event.target;
    if (event.key === "Enter" && on instanceof HTMLInputElement && on.closest(".cwdb-widget")) {
      const action = actionOfField(on);
      if (!action) return;
      event.preventDefault();
      perform(action);
    } else if ((event.key === "Enter" || event.key === " ") && on instanceof Element && on.matches("[role=button]")) {
      const hit = found(on, "click") ?? found(on, "dblclick");
      if (hit?.trigger !== on) return;
      event.preventDefault();
      perform(hit.action);
    }
  });

  /** The call that Enter in a field stands for: the first of its form, or the first behind it. */
  function actionOfField(field) {
    const calls = [...field.closest(".cwdb-widget").querySelectorAll("cwdb-action[action=call][event=click]")];
    const around = field.closest("form");
    return (
      calls.find((action) => around?.contains(action)) ??
      calls.find((action) => field.compareDocumentPosition(action) & Node.DOCUMENT_POSITION_FOLLOWING)
    );
  }

  let hovered = null;
  for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const hit = found(event.target, "mouseenter");
      if (!hit || hit.action === hovered || hit.trigger.contains(event.relatedTarget)) return;
      if (!isPopup(hit.action)) {
        if (enter === "mouseover") perform(hit.action);
        return;
      }
      hovered?.hidePopover();
      hovered = hit.action;
      open(hit.action, hit.trigger);
    });
    document.addEventListener(leave, (event) => {
      const to = event.relatedTarget;
      const hit = hovered && found(event.target, "mouseenter");
      const inside = hovered?.contains(event.target);
      if (!hovered || !(inside || hit?.action === hovered)) return;
      if (to instanceof Node && (hovered.contains(to) || found(to, "mouseenter")?.action === hovered)) return;
      if (hovered.matches(":popover-open")) hovered.hidePopover();
      hovered = null;
    });
  }

  // --- Refreshing, without losing focus, scroll or what is being typed.

  let refreshing = false;

  async function refresh() {
    if (refreshing) return;
    refreshing = true;
    try {
      const answer = await asked(`/widget${location.search}`);
      const fresh = document.createElement("template");
      fresh.innerHTML = answer.html;
      const focused = document.activeElement;
      mend(widget, fresh.content);
      if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
      at.textContent = `as of ${answer.at}`;
      body.dataset.window = answer.window;
      banner.hidden = true;
      document.querySelector("main > .console-trouble")?.remove();
      widget.hidden = false;
    } catch (error) {
      complain(`Not refreshed. ${error.message}`);
    } finally {
      refreshing = false;
    }
  }

  /** What tells an element from its neighbours, where they may come and go: an id, or where it leads. */
  function key(element) {
    if (!(element instanceof Element) || element.hasAttribute("popover")) return null;
    const own = element.id || element.getAttribute("href") || element.getAttribute("value");
    if (own) return `${element.localName} ${own}`;
    for (const action of actionsOf(element)) {
      if (action.hasAttribute("value")) return `${element.localName} ${action.getAttribute("value")}`;
    }
    if (!/^(tr|li)$/.test(element.localName)) return null;
    const inside = element.querySelector("[id]:not([popover]), a[href], cwdb-action[value]");
    return inside && `${element.localName} ${inside.id || inside.getAttribute("href") || inside.getAttribute("value")}`;
  }

  /** Make the children of one element what those of another are, keeping all that need not change. */
  function mend(old, fresh) {
    const keyed = new Map();
    for (const child of old.children) {
      const name = key(child);
      if (name && !keyed.has(name)) keyed.set(name, child);
    }
    const names = new Map([...fresh.children].map((child) => [child, key(child)]));
    let place = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const name = names.get(next) ?? null;
      const same = name ? keyed.get(name) : place && !key(place) && place.nodeName === next.nodeName ? place : null;
      if (!same) {
        old.insertBefore(next, place);
        continue;
      }
      keyed.delete(name);
      if (same === place) place = place.nextSibling;
      else old.insertBefore(same, place);
      if (same instanceof Element) mendElement(same, next);
      else if (same.data !== next.data) same.data = next.data;
    }
    while (place) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
  }

  function mendElement(old, fresh) {
    const isKept = (name) => name === "open" && old.localName === "details";
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isKept(name)) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value && !isKept(name)) old.setAttribute(name, value);
    }
    if (old.localName !== "textarea") mend(old, fresh);
  }

  const isBusy = () => document.hidden || popup.open || question.open || document.querySelector(":popover-open");
  const seconds = Number(body.dataset.refresh);
  if (seconds) setInterval(() => isBusy() || refresh(), seconds * 1000);
  document.querySelector("header .console-fresh > a")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    refresh();
  });

  // --- What only the browser knows: the size of the widget, and the theme of the system.

  const dark = matchMedia("(prefers-color-scheme: dark)");

  function tellWindow() {
    const main = widget.parentElement; // the widget itself may be hidden
    const around = [getComputedStyle(main), getComputedStyle(widget)];
    const taken = (...sides) =>
      around.reduce((sum, style) => sum + sides.reduce((part, side) => part + parseFloat(style[side]), 0), 0);
    const width = Math.floor(main.offsetWidth - taken("paddingLeft", "paddingRight", "borderLeftWidth", "borderRightWidth"));
    const height = Math.floor(innerHeight - main.offsetTop - taken("paddingTop", "paddingBottom"));
    const limited = (number) => Math.max(10, Math.min(9999, number));
    const told = `${limited(width)}x${limited(height)}x${dark.matches ? "dark" : "light"}`;
    document.cookie = `${body.dataset.windowCookie}=${told}; path=/; SameSite=Strict`;
    const root = document.documentElement;
    if (!root.dataset.ownTheme) root.dataset.theme = dark.matches ? "dark" : "light";
    const [wasWide, wasHigh, was] = body.dataset.window.split("x");
    const isOther =
      Math.abs(wasWide - width) > 8 ||
      Math.abs(wasHigh - height) > 8 ||
      (!root.dataset.ownTheme && was !== (dark.matches ? "dark" : "light"));
    if (at && isOther) refresh();
  }

  let settled;
  addEventListener("resize", () => {
    clearTimeout(settled);
    settled = setTimeout(tellWindow, 400);
  });
  dark.addEventListener("change", tellWindow);
  tellWindow();

  // --- Settings take effect when they are chosen.

  const settings = document.querySelector("header > form");
  settings.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) HTMLFormElement.prototype.requestSubmit.call(settings);
  });
})();
