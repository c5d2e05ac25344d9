// Tables that sort and filter; without scripts they are plain tables.
const value = text => parseFloat(text.replace(/[▲▼,\s]/g, "").replace("−", "-"));
for (const box of document.querySelectorAll(".sortable")) {
  const table = box.querySelector("table");
  if (table.tBodies.length > 1) continue;
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const texts = heads.map(head => head.textContent), wanted = {};
  const show = () => rows.forEach(row => {
    row.hidden = !Object.entries(wanted).every(([at, want]) => !want ||
      (at < 0 ? row.textContent.toLowerCase().includes(want) : row.cells[at].textContent === want));
    if (row.line) row.line.style.display = row.hidden ? "none" : "";
  });
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.textContent = texts[at] || "name";
    button.onclick = () => {
      const down = head.ariaSort !== "descending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.ariaSort = down ? "descending" : "ascending";
      const key = row => row.cells[at].textContent;
      rows.sort((a, b) => {
        const [x, y] = [value(key(a)), value(key(b))];
        const order = isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) || key(a).localeCompare(key(b)) : down ? y - x : x - y;
        return isNaN(x) && isNaN(y) && down ? -order : order;
      });
      body.append(...rows);
    };
    head.replaceChildren(button);
  });
  const bar = document.createElement("p"), label = (name, field) => {
    const made = document.createElement("label");
    made.append(name + " ", field);
    bar.append(made);
  };
  bar.className = "filters";
  const find = document.createElement("input");
  find.type = "search";
  find.oninput = () => { wanted[-1] = find.value.toLowerCase(); show(); box.onfiltered?.(); };
  label("find", find);
  for (const name of (box.dataset.filters || "").split("|").filter(Boolean)) {
    const at = texts.indexOf(name), field = document.createElement("select");
    for (const text of ["", ...new Set(rows.map(row => row.cells[at].textContent))]) field.append(new Option(text || "all", text));
    field.onchange = () => { wanted[at] = field.value; show(); box.onfiltered?.(); };
    label(name, field);
  }
  if (rows.length > 15) box.prepend(bar);
}
// What is wider or higher than its place is scrolled by keys too; the rest is no stop of the Tab key.
for (const box of document.querySelectorAll(".scroll, .paper")) {
  const seen = new ResizeObserver(() => {
    const cut = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.classList.toggle("cut", cut);
    if (cut) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  seen.observe(box);
  seen.observe(box.firstElementChild);
}
// The contents stay on top: what a link leads to stops below them.
const nav = document.querySelector("nav.contents");
if (nav) new ResizeObserver(() => document.body.style.setProperty("--contents", `${nav.offsetHeight}px`)).observe(nav);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(one => { one.open = true; }));
