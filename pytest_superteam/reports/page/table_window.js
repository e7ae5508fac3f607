/* Of thousands of rows only those near the screen are in the page: in chunks, with a gap above and below as high as
   the rows that are not there. */
const CHUNK = 40;
const AHEAD = 700;
const PRINTED = 400;

class RowWindow {
  constructor() {
    this.rows = [];
    this.drawn = new Map();
    this.heights = [];
    this.closed = 36;
    this.opened = 180;
    this.waits = false;
    const later = () => this.later();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => this.print(false));
  }

  get count() {
    return Math.ceil(this.rows.length / CHUNK);
  }

  /* Put rows into a table that has none. */
  show(table, rows, pattern, columns) {
    [this.rows, this.pattern, this.table] = [rows, pattern, table];
    this.drawn.clear();
    this.heights = [];
    [this.from, this.to] = [0, 0];
    const gap = () => make("tbody", { class: "gt-gap", "aria-hidden": "true" }, make("tr"));
    [this.above, this.below] = [gap(), gap()];
    [this.above, this.below].forEach((each) => each.firstChild.append(make("td", { colspan: columns })));
    this.table.querySelectorAll("tbody").forEach((body) => body.remove());
    this.table.append(this.above, this.below);
    this.table.setAttribute("aria-rowcount", rows.length + 1);
    this.gaps();
    this.update();
  }

  later() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.update();
    });
  }

  height(chunk) {
    if (this.heights[chunk] === undefined) {
      const rows = this.rows.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
      return rows.reduce((sum, row) => sum + (row.open ? this.opened : this.closed), 0);
    }
    return this.heights[chunk];
  }

  measure() {
    this.drawn.forEach((bodies, chunk) => {
      const [first, last] = [bodies[0].getBoundingClientRect(), bodies.at(-1).getBoundingClientRect()];
      if (last.bottom > first.top) this.heights[chunk] = last.bottom - first.top;
    });
    const one = this.drawn.get(this.from)?.[0];
    if (one && one.offsetHeight) this[this.rows[this.from * CHUNK].open ? "opened" : "closed"] = one.offsetHeight;
  }

  /* Draw what is near the screen now. */
  update() {
    if (!this.table?.isConnected || this.printing) return;
    this.measure();
    let [from, y] = [0, this.above.getBoundingClientRect().top];
    while (from < this.count - 1 && y + this.height(from) < -AHEAD) y += this.height(from++);
    let to = from;
    while (to < this.count && (to === from || y < innerHeight + AHEAD)) y += this.height(to++);
    if (this.draw(from, to)) this.later();
  }

  /* Draw the chunks from one to before another and no others; what is on the screen stays where it is. */
  draw(from, to) {
    if (from === this.from && to === this.to) return false;
    const kept = [...this.drawn].filter(([chunk]) => chunk >= from && chunk < to).flatMap(([, bodies]) => bodies);
    const held = kept.find((body) => body.getBoundingClientRect().bottom > 0);
    const before = held?.getBoundingClientRect().top;
    [...this.drawn].forEach(([chunk, bodies]) => {
      if (chunk >= from && chunk < to) return;
      bodies.forEach((body) => body.remove());
      this.drawn.delete(chunk);
    });
    let next = this.below;
    for (let chunk = to - 1; chunk >= from; chunk -= 1) {
      if (!this.drawn.has(chunk)) {
        const rows = this.rows.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
        const bodies = rows.map((row, index) => drawRow(row, this.pattern, chunk * CHUNK + index + 2));
        next.before(...bodies);
        this.drawn.set(chunk, bodies);
      }
      [next] = this.drawn.get(chunk);
    }
    [this.from, this.to] = [from, to];
    this.measure();
    this.gaps();
    const moved = held ? held.getBoundingClientRect().top - before : 0;
    if (Math.abs(moved) >= 1) scrollBy(0, moved);
    return true;
  }

  gaps() {
    const sum = (from, to) => {
      let all = 0;
      for (let chunk = from; chunk < to; chunk += 1) all += this.height(chunk);
      return all;
    };
    const set = (gap, height) => {
      gap.querySelector("td").style.height = `${height}px`;
    };
    set(this.above, sum(0, this.from));
    set(this.below, sum(this.to, this.count));
  }

  /* The row that an element stands in, and its body. */
  rowAt(element) {
    const body = element.closest("tbody");
    for (const [chunk, bodies] of this.drawn) {
      const index = bodies.indexOf(body);
      if (index >= 0) return [this.rows[chunk * CHUNK + index], body];
    }
    return [];
  }

  /* Open or close a row that is drawn. */
  toggle(row, body) {
    row.open = !row.open;
    openRow(row, body, this.pattern);
    this.later();
  }

  /* Bring a row onto the screen, and return its body. */
  reveal(row) {
    const index = this.rows.indexOf(row);
    const chunk = Math.floor(index / CHUNK);
    this.draw(Math.max(0, chunk - 1), Math.min(this.count, chunk + 2));
    const body = this.drawn.get(chunk)[index % CHUNK];
    body.scrollIntoView({ block: "center" });
    this.update();
    body.scrollIntoView({ block: "center" });
    return body;
  }

  /* On paper there is no scrolling: the first rows are printed, and in words that there are more. */
  print(printing = true) {
    if (!this.table?.isConnected) return;
    this.printing = printing;
    if (printing) this.draw(0, Math.min(this.count, Math.ceil(PRINTED / CHUNK)));
    else this.update();
  }
}
