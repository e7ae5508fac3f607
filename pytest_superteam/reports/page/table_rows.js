/* One row of pytest-html's data: what it is found and sorted by, and how it is drawn into pytest-html's template. */
const RESULTS = ["error", "failed", "rerun", "xfailed", "xpassed", "skipped", "passed"];
const SEVERITIES = ["critical", "high", "error", "warning", "info"];

const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
};

/* The text of a cell's HTML. A template is inert: nothing in it runs or is loaded. */
const texts = new Map();
const plain = (html) => {
  if (!/[&<]/.test(html)) return html;
  if (!texts.has(html)) {
    const inert = document.createElement("template");
    inert.innerHTML = html;
    texts.set(html, inert.content.textContent);
  }
  return texts.get(html);
};

class Row {
  constructor(nodeid, test, collapsed) {
    this.nodeid = nodeid;
    this.test = test;
    this.result = (test.result || "").toLowerCase();
    this.open = !collapsed.includes(this.result);
    this.layer = plain(test.layer || "") || "none";
    this.code = plain(test.code || "");
    this.severity = plain(test.severity || "");
    this.service = plain(test.service || "");
    this.outcome = this.layer !== "none" && this.result === "xfailed" ? "advisory" : this.result;
    this.id = test.testId === undefined ? nodeid : plain(test.testId);
  }

  /* All that the search looks into, in lower case. */
  get words() {
    if (this.said === undefined) {
      const log = (this.test.log || "").replace(/<[^>]*>/g, "");
      const marks = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };
      const read = log.replace(/&(?:lt|gt|quot|#x27|amp);/g, (mark) => marks[mark]);
      this.said = [this.id, this.code, this.severity, this.service, read].join("\n").toLowerCase();
    }
    return this.said;
  }

  /* What the row is sorted by; null, which comes last, where it says nothing. */
  key(column) {
    const rank = (list, value) => (list.includes(value) ? list.indexOf(value) : null);
    if (column === "result") return rank(RESULTS, this.result);
    if (column === "severity") return rank(SEVERITIES, this.severity);
    if (column === "layer") return this.layer === "none" ? null : Number(this.layer);
    const said = this.test[column];
    if (said === undefined || said === "") return null;
    if (column !== "duration") return plain(said);
    if (!said.includes(":")) return parseInt(said, 10);
    return said.split(":").reduce((sum, part) => 60 * sum + Number(part), 0) * 1000;
  }
}

const sortRows = (rows, column, backwards) => {
  if (column.toLowerCase() === "original") return [...rows];
  const tie = (row) => row.key("severity") ?? SEVERITIES.length;
  const keyed = rows.map((row) => [row.key(column), tie(row), row]);
  const way = backwards ? -1 : 1;
  const compare = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a > b ? way : -way);
  keyed.sort((a, b) => compare(a[0], b[0]) || a[1] - b[1]);
  return keyed.map(([, , row]) => row);
};

/* pytest-html's template of a row, its clickable parts made buttons once and for all. */
const template = () => {
  const found = document.getElementById("template_results-table__tbody").content;
  const button = (old, label) => {
    if (!old || old.tagName === "BUTTON") return;
    old.replaceWith(make("button", { type: "button", class: old.className, "aria-label": label }, ...old.childNodes));
  };
  button(found.querySelector(".logexpander"), "The whole log");
  button(found.querySelector(".media-container__nav--left"), "Previous picture");
  button(found.querySelector(".media-container__nav--right"), "Next picture");
  const log = found.querySelector(".logwrapper");
  Object.entries({ tabindex: "0", role: "group", "aria-label": "Log" }).forEach((each) => log?.setAttribute(...each));
  return found.querySelector("tbody");
};

/* Pictures and films of a row, one at a time. */
const drawMedia = (box, media) => {
  if (!media.length) return box.remove();
  const [picture, film] = [box.querySelector("img"), box.querySelector("video")];
  let at = 0;
  const turn = (by) => {
    at = Math.min(Math.max(at + by, 0), media.length - 1);
    const { name, content, format_type: type } = media[at];
    if (type === "image") Object.assign(picture, { src: content, alt: name || "" });
    else film.src = content;
    picture.classList.toggle("hidden", type !== "image");
    film.classList.toggle("hidden", type === "image");
    box.querySelector(".media__name").textContent = name || "";
    box.querySelector(".media__counter").textContent = `${at + 1} / ${media.length}`;
  };
  box.querySelector(".media-container__nav--left").addEventListener("click", () => turn(-1));
  box.querySelector(".media-container__nav--right").addEventListener("click", () => turn(1));
  picture.addEventListener("click", () => window.open(media[at].content, "_blank"));
  box.querySelector(".media-container").classList.toggle("media-container--fullscreen", media.length === 1);
  turn(0);
};

const drawDetails = (row, made) => {
  const { log, extras = [], tableHtml = [] } = row.test;
  const place = made.querySelector(".log");
  if (log && row.layer === "none") place.innerHTML = log.replace(/^E.*$/gm, '<span class="error">$&</span>');
  else if (log) place.innerHTML = log;
  else place.remove();
  if (!log || (log.length < 1000 && log.split("\n").length < 12)) made.querySelector(".logexpander").remove();
  const pictures = extras.filter(({ format_type: type }) => ["image", "video"].includes(type));
  drawMedia(made.querySelector(".media"), pictures);
  const others = extras.filter(({ format_type: type }) => type === "html");
  others.forEach(({ content }) => {
    made.querySelector(".extraHTML").insertAdjacentHTML("beforeend", `<div>${content}</div>`);
  });
  tableHtml.forEach((html) => made.querySelector("td.extra").insertAdjacentHTML("beforeend", html));
  return made;
};

/* Draw a row; what it says in detail is drawn when it is opened. */
const drawRow = (row, pattern, number) => {
  const body = pattern.cloneNode(true);
  if (row.result) body.classList.add(row.result);
  body.id = row.id;
  const line = body.querySelector(".collapsible");
  line.innerHTML = row.test.resultsTableRow.join("");
  line.setAttribute("aria-rowindex", number);
  const cell = line.querySelector(".col-result") || line.cells[0];
  const button = make("button", { type: "button", class: "gt-toggle" }, ...cell.childNodes);
  button.setAttribute("aria-label", `${button.textContent}: details of ${row.id}`);
  cell.append(button);
  openRow(row, body, pattern);
  return body;
};

const openRow = (row, body, pattern) => {
  body.querySelector(".gt-toggle").setAttribute("aria-expanded", row.open);
  body.querySelector(".col-result")?.classList.toggle("collapsed", !row.open);
  body.querySelector(".extras-row")?.remove();
  if (row.open) body.append(drawDetails(row, pattern.querySelector(".extras-row").cloneNode(true)));
};
