/* Takes the drawing of pytest-html's table over, and leaves the rest to its script: that goes on keeping which results
   are shown and what they are sorted by, in the page's address, but gets no rows to draw. */
const KEYS = ["layer", "service", "code", "severity", "outcome", "q"];
const form = document.getElementById("gs-filters");
const said = document.getElementById("gs-shown");
const section = make("section", { id: "gs-rows", class: "gs-section", "aria-labelledby": "gs-rows-title" });
const scroller = make("div", { class: "gt-scroll" });
const view = new RowWindow();
let [all, ordered, order, chosen, target, settings] = [[], [], "", {}, "", {}];
let [table, pattern, pressed, address] = [null, null, null, ""];

/* ---- what the address says */

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/* Return what a fragment chooses; null for one that is not about rows. */
const chosenBy = (fragment) => {
  if (fragment === "" || fragment === "#gs-rows") return {};
  const pairs = fragment.slice(1).split("&").map((part) => part.split(/=(.*)/s, 2));
  const known = pairs.filter(([key, value]) => value !== undefined && (KEYS.includes(key) || key === "item"));
  return known.length ? Object.fromEntries(known.map(([key, value]) => [key, decoded(value)])) : null;
};

const fragmentOf = () => {
  const pairs = Object.entries(target ? { item: target } : chosen).filter(([, value]) => value);
  return pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
};

const write = (how) => {
  const fragment = fragmentOf();
  address = `${location.pathname}${location.search}${fragment && `#${fragment}`}`;
  try {
    history[how](null, "", address);
  } catch { /* a page inside a sandbox has no history of its own */ }
};

/* pytest-html's script decodes the whole address whenever it writes to it. */
const mend = () => (chosenBy(location.hash) ? write("replaceState") : undefined);

const parameter = (name) => new URLSearchParams(location.search).get(name);
const remembered = () => {
  try {
    return JSON.parse(sessionStorage.getItem("sortAsc")) || false;
  } catch {
    return false;
  }
};

/* The results that are drawn closed, as pytest-html's parameter `collapsed` or its setting says. */
const collapsed = () => {
  const asked = parameter("collapsed");
  if (asked !== null && (asked === "" || /^["']{2}$/.test(asked))) return [];
  const names = asked === null ? settings.renderCollapsed || ["passed"] : asked.split(",");
  return names.includes("all") ? RESULTS : names.map((name) => name.trim().toLowerCase());
};

/* ---- which rows */

const isWanted = (row, results) =>
  row.nodeid === target ||
  ((results === null || results.includes(row.result)) &&
    KEYS.every((key) => {
      if (!chosen[key]) return true;
      if (key === "q") return chosen.q.toLowerCase().split(/\s+/).every((word) => row.words.includes(word));
      return row[key] === chosen[key] || chosen[key].split(",").includes(row[key]);
    }));

const inWords = () =>
  KEYS.filter((key) => chosen[key]).map((key) => (key === "q" ? `“${chosen.q}”` : `${key} ${chosen[key]}`));

const show = () => {
  const column = parameter("sort") || settings.initialSort || "result";
  const backwards = remembered();
  if (order !== `${column} ${backwards}`) [ordered, order] = [sortRows(all, column, backwards), `${column} ${backwards}`];
  const results = parameter("visible")?.split(",").map((name) => name.trim().toLowerCase()) ?? null;
  const rows = ordered.filter((row) => isWanted(row, results));
  const headers = [...table.querySelectorAll("thead th")];
  headers.forEach((header) => {
    const sorts = header.dataset.columnType === column;
    if (!sorts) return header.removeAttribute("aria-sort");
    const rising = backwards === (column === "severity");
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
  });
  view.show(table, rows, pattern, headers.length);
  if (!rows.length) {
    const why = all.length ? `No row matches: ${inWords().join(", ") || "all results are unchecked"}.` : "Nothing was run.";
    const cell = make("td", { colspan: headers.length, class: "gt-none" }, why);
    table.append(make("tbody", { class: "results-table-row" }, make("tr", { id: "not-found-message" }, cell)));
  }
  const words = `${rows.length} of ${all.length} rows shown`;
  if (said.textContent !== words) said.textContent = words;
  said.dataset.more = rows.length > PRINTED ? `The first ${PRINTED} are printed.` : "";
  form.querySelector("[type=reset]").disabled = !inWords().length;
};

/* ---- the controls */

const fillChoices = () => {
  const ranks = { severity: SEVERITIES, outcome: ["error", "failed", "rerun", "advisory", ...RESULTS.slice(3)] };
  form.querySelectorAll("select").forEach((select) => {
    const counts = new Map();
    all.forEach((row) => row[select.name] && counts.set(row[select.name], (counts.get(row[select.name]) || 0) + 1));
    const rank = (value) => ranks[select.name]?.indexOf(value) ?? 0;
    const values = [...counts.keys()].sort((a, b) => rank(a) - rank(b) || (a > b ? 1 : -1));
    values.forEach((value) => {
      const name = select.name === "layer" && value === "none" ? "own tests" : value;
      select.append(new Option(`${name} (${counts.get(value)})`, value));
    });
  });
};

const fillForm = () => {
  KEYS.forEach((key) => {
    const [field, value] = [form.elements[key], chosen[key] || ""];
    if (field.value === value) return;
    field.value = value;
    if (field.value === value || field.tagName !== "SELECT") return;
    field.append(new Option(value.replaceAll(",", " or "), value));
    field.value = value;
  });
};

const fillBoxes = () => {
  const visible = parameter("visible")?.split(",");
  section.querySelectorAll("input[data-test-result]").forEach((box) => {
    box.checked = !visible || visible.includes(box.dataset.testResult);
  });
};

const reveal = () => {
  const row = view.rows.find((each) => each.nodeid === target && each.result !== "passed")
    || view.rows.find((each) => each.nodeid === target);
  section.querySelectorAll(".gt-target").forEach((each) => each.classList.remove("gt-target"));
  if (!row) return;
  const closed = !row.open;
  const body = view.reveal(row);
  if (closed) view.toggle(row, body);
  body.classList.add("gt-target");
  body.querySelector(".gt-toggle").focus({ preventScroll: true });
};

/* Follow the address: on load, after a link, back or forward. */
const follow = (moves) => {
  const now = chosenBy(location.hash);
  address = `${location.pathname}${location.search}${location.hash}`;
  if (now) ({ item: target = "", ...chosen } = now);
  fillForm();
  fillBoxes();
  show();
  if (moves && now) look();
};

/* Bring onto the screen what the address is about. */
const look = () => {
  if (target) reveal();
  else if (location.hash) section.querySelector("h2").scrollIntoView();
};

const choose = (how) => {
  KEYS.forEach((key) => { chosen[key] = form.elements[key].value.trim(); });
  target = "";
  write(how);
  show();
};

const listen = () => {
  let typing = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target: field }) => field.name !== "q" && choose("pushState"));
  form.addEventListener("input", ({ target: field }) => {
    if (field.name !== "q") return;
    clearTimeout(typing);
    typing = setTimeout(() => choose("replaceState"), 120);
  });
  form.addEventListener("reset", () => setTimeout(() => choose("pushState")));
  const moved = () => {
    if (`${location.pathname}${location.search}${location.hash}` !== address) follow(true);
  };
  addEventListener("popstate", moved);
  addEventListener("hashchange", moved);
  document.addEventListener("click", ({ target: clicked }) => {
    const link = clicked.closest?.("a[href^='#']");
    if (link && link.hash === location.hash && chosenBy(link.hash)) follow(true);
  });
  const open = (whether) => () => view.rows.forEach((row) => { row.open = whether; });
  document.getElementById("show_all_details").addEventListener("click", open(true));
  document.getElementById("hide_all_details").addEventListener("click", open(false));
  scroller.addEventListener("click", clickedRow);
  section.addEventListener("click", beforehand, true);
};

/* pytest-html's script takes the header out of its table, which loses the focus, and adds several steps to the history
   for one click. */
const beforehand = ({ target: clicked }) => {
  const header = clicked.closest("th.sortable");
  if (!header && !clicked.matches("input[data-test-result]")) return;
  pressed = header?.querySelector("button");
  let how = "pushState";
  history.pushState = (...step) => {
    History.prototype[how].apply(history, step);
    how = "replaceState";
  };
};

const clickedRow = ({ target: clicked }) => {
  const [row, body] = view.rowAt(clicked);
  if (!row) return;
  if (clicked.closest(".logexpander")) {
    const open = clicked.parentNode.classList.toggle("expanded");
    clicked.setAttribute("aria-expanded", open);
    view.later();
  } else if (clicked.closest(".collapsible td:not(.col-links)") && !clicked.closest("a") && getSelection().isCollapsed) {
    view.toggle(row, body);
  }
};

/* ---- beside pytest-html's script */

/* pytest-html's script has drawn its table anew, without rows. */
const take = () => {
  const found = scroller.querySelector("table");
  if (!found || found === table) return;
  const first = table === null;
  table = found;
  table.setAttribute("aria-labelledby", "gs-rows-title");
  if (first) return follow(false);
  delete history.pushState;
  mend();
  show();
  pressed?.focus({ preventScroll: true });
  pressed = null;
};

const arrange = (found) => {
  found.before(section);
  const boxes = document.querySelector(".controls");
  document.querySelectorAll(".controls input[data-test-result]").forEach((box) => {
    const label = make("label", { class: "gt-result" });
    const words = box.nextElementSibling;
    box.before(label);
    label.append(box, words);
    words.textContent = words.textContent.replace(/,$/, "");
    if (words.textContent.startsWith("0 ")) label.hidden = true;
  });
  document.querySelector("p.filter")?.remove();
  found.querySelectorAll("th.sortable").forEach((header) => {
    const button = make("button", { type: "button", "data-column-type": header.dataset.columnType });
    button.append(...header.childNodes);
    header.append(button);
  });
  const title = make("h2", { id: "gs-rows-title" }, "All gate items");
  section.append(title, form, ...(boxes ? [boxes] : []), said, scroller);
  scroller.append(found);
  [form, said].forEach((each) => { each.hidden = false; });
};

const start = (container) => {
  settings = JSON.parse(container.dataset.jsonblob);
  const closed = collapsed();
  all = Object.entries(settings.tests).flatMap(([id, tests]) => tests.map((test) => new Row(id, test, closed)));
  pattern = template();
  arrange(document.getElementById("results-table"));
  container.dataset.jsonblob = JSON.stringify({ ...settings, tests: {} });
  fillChoices();
  listen();
  history.pushState = () => {}; // on load that script adds steps that lead back to the same page
  const ready = () => {
    delete history.pushState;
    take();
  };
  new MutationObserver(ready).observe(scroller, { childList: true });
  addEventListener("DOMContentLoaded", ready);
  addEventListener("load", () => chosenBy(location.hash) && look());
};

/* The data stands right before pytest-html's script, and this is told of it in between. */
const parsed = new MutationObserver(() => {
  const container = document.getElementById("data-container");
  if (!container) return;
  parsed.disconnect();
  start(container);
});
parsed.observe(document, { childList: true, subtree: true });
