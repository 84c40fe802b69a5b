"use strict";
// Shows one view at a time, filters and sorts lists, and plays the journeys over the picture. The page is complete
// without it. Text from events is only ever set as text.
(() => {
  const parts = [...document.querySelectorAll(".ci-part")];
  const views = [...document.querySelectorAll(".ci-views a")];
  document.body.classList.add("ci-js");
  for (const wide of document.querySelectorAll(".ci-scroll")) wide.tabIndex = 0;

  function make(name, settings, ...content) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(settings)) made.setAttribute(key, value);
    made.append(...content);
    return made;
  }

  // ---- one view at a time

  function show() {
    const wanted = location.hash.slice(1);
    const part = parts.find((one) => one.id === wanted) || parts[0];
    for (const one of parts) one.hidden = one !== part;
    for (const link of views) {
      const group = link.hash.slice(1).split("-")[0];
      if (part.id.split("-")[0] === group) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    part.tabIndex = -1;
    if (wanted) part.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  addEventListener("hashchange", show);
  show();

  // ---- lists

  function sortable(table) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", { type: "button", class: "ci-sort" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = button.dataset.way === "down" || (!button.dataset.way && !head.classList.contains("ci-number"));
        const way = down ? 1 : -1;
        for (const other of table.tHead.querySelectorAll(".ci-sort")) delete other.dataset.way;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        button.dataset.way = down ? "up" : "down";
        head.setAttribute("aria-sort", down ? "ascending" : "descending");
        const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
        const numeric = head.classList.contains("ci-number") || [...body.rows].every((row) => !isNaN(key(row)));
        const rows = [...body.rows].map((row) => [numeric ? Number(key(row)) : key(row), row]);
        rows.sort((a, b) => way * (numeric ? a[0] - b[0] : a[0].localeCompare(b[0])));
        body.append(...rows.map((pair) => pair[1]));
      });
    });
  }
  for (const table of document.querySelectorAll("#journeys .ci-table, .ci-aside .ci-table")) sortable(table);

  const list = document.querySelector("[data-list=journeys]");
  if (list) {
    const rows = [...list.tBodies[0].rows];
    const words = rows.map((row) => row.cells[0].textContent.toLowerCase());
    const outcomes = [...new Set(rows.map((row) => row.cells[1].dataset.key))];
    const field = make("input", { type: "search", autocomplete: "off", placeholder: "12345" });
    const choice = make("select", {}, make("option", { value: "" }, "all"));
    for (const one of outcomes) {
      choice.append(make("option", { value: one }, one.toLowerCase().replace("_", " ")));
    }
    const count = make("span", { role: "status", class: "ci-muted" });
    const tools = make(
      "div", { class: "ci-tools" },
      make("label", {}, "Entity id", field), make("label", {}, "Outcome", choice), count,
    );
    const filter = () => {
      const text = field.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, at) => {
        const fits = words[at].includes(text) && (!choice.value || row.cells[1].dataset.key === choice.value);
        row.hidden = !fits;
        shown += fits;
      });
      count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
    };
    field.addEventListener("input", filter);
    choice.addEventListener("change", filter);
    list.parentElement.before(tools);
  }

  // ---- the player

  const played = JSON.parse(document.getElementById("ci-played").textContent);
  const picture = document.querySelector("#map-waiting .ci-picture");
  if (picture && played.times.length > 1) player(picture, played);

  function player(picture, played) {
    const space = "http://www.w3.org/2000/svg";
    const still = picture.querySelector("svg");
    const draw = (name, settings, text) => {
      const made = document.createElementNS(space, name);
      for (const [key, value] of Object.entries(settings)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    };
    const film = draw("svg", { viewBox: still.getAttribute("viewBox"), class: "ci-svg ci-film", "aria-hidden": "true" });
    const badges = played.boxes.map((box) => {
      const group = draw("g", { class: "ci-badge" });
      group.append(draw("rect", { y: box.y - 8.5, height: 17, rx: 8.5 }), draw("text", {
        y: box.y + 4, "text-anchor": "middle", "font-size": 11,
      }));
      film.append(group);
      return group;
    });
    const ways = played.ways.map((way) => way.d.map((d) => draw("path", { d })));
    const last = played.times.length - 1;
    const slider = make("input", { type: "range", min: 0, max: last, value: last, "aria-label": "Time" });
    const button = make("button", { type: "button" }, "Play");
    const time = make("output", {}, "");
    const stage = picture.parentElement;
    stage.prepend(make("div", { class: "ci-player", role: "group", "aria-label": "Play the journeys" }, button, slider, time));
    let running = 0;
    let position = last;

    function paint(at) {
      const step = Math.min(Math.floor(at), last);
      badges.forEach((badge, number) => {
        const box = played.boxes[number];
        const count = box.n[step];
        badge.setAttribute("display", count ? "inline" : "none");
        const text = count.toLocaleString("en");
        const width = Math.max(17, 12 + 6.4 * text.length);
        badge.firstChild.setAttribute("x", box.x + 8 - width);
        badge.firstChild.setAttribute("width", width);
        badge.lastChild.setAttribute("x", box.x + 8 - width / 2);
        badge.lastChild.textContent = text;
      });
      time.textContent = played.times[step];
      slider.value = step;
      slider.setAttribute("aria-valuetext", played.times[step]);
      for (const dot of film.querySelectorAll(".ci-moving")) dot.remove();
      if (!running) return;
      const passed = at - step;
      played.ways.forEach((way, number) => {
        const count = Math.min(way.n[step] || 0, 6);
        const pieces = ways[number];
        const lengths = pieces.map((piece) => piece.getTotalLength());
        const whole = lengths.reduce((sum, one) => sum + one, 0);
        for (let dot = 0; dot < count; dot += 1) {
          let along = whole * Math.min(1, Math.max(0, passed * 1.4 - (0.4 * dot) / Math.max(count, 1)));
          let piece = 0;
          while (piece < pieces.length - 1 && along > lengths[piece]) along -= lengths[piece++];
          const there = pieces[piece].getPointAtLength(along);
          film.append(draw("circle", { class: "ci-moving", cx: there.x, cy: there.y, r: 4.5 }));
        }
      });
    }

    function begin() {
      if (!film.isConnected) {
        still.after(film);
        picture.classList.add("ci-playing");
      }
    }

    function stop() {
      cancelAnimationFrame(running);
      running = 0;
      button.textContent = "Play";
    }

    function end() {
      film.remove();
      picture.classList.remove("ci-playing");
    }

    button.addEventListener("click", () => {
      if (running) {
        stop();
        paint(position);
        return;
      }
      begin();
      if (position >= last) position = 0;
      button.textContent = "Pause";
      const pace = Math.max(1 / 600, (last + 1) / 30_000);
      let before = performance.now();
      const tick = (now) => {
        position += (now - before) * pace;
        before = now;
        if (position >= last) {
          position = last;
          stop();
          paint(last);
          end();
          return;
        }
        paint(position);
        running = requestAnimationFrame(tick);
      };
      running = requestAnimationFrame(tick);
    });
    slider.addEventListener("input", () => {
      stop();
      position = Number(slider.value);
      begin();
      paint(position);
      if (position >= last) end();
    });
    time.textContent = played.times[last];
  }
})();
