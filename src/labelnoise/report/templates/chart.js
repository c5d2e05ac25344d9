// A line per row of a table, over the columns that data-chart names; the row that is pointed at, or chosen, is told.
for (const box of document.querySelectorAll(".sortable[data-chart]")) {
  const table = box.querySelector("table"), rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].map(head => head.textContent);
  const columns = box.dataset.chart.split("|").map(name => heads.indexOf(name));
  const texts = row => columns.map(at => row.cells[at].textContent);
  const all = rows.map(row => texts(row).map(value)), flat = all.flat().filter(number => !isNaN(number));
  const high = Math.max(5, ...flat), low = Math.max(Math.min(-5, ...flat), -high); // below are few, and far below
  const width = Math.max(320, box.clientWidth), upright = width < 90 * columns.length;
  const longest = Math.max(...columns.map(at => heads[at].length));
  const left = 40, bottom = upright ? 15 + 7.5 * longest : 38, height = 200 + bottom;
  const x = at => left + (at + 0.5) * (width - left) / columns.length;
  const y = number => 8 + (high - Math.max(low, number)) * (height - bottom - 8) / (high - low);
  const add = (to, name, attributes, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.textContent = text;
    to.append(made);
    return made;
  };
  const chart = document.createElement("figure"), bar = document.createElement("p");
  const label = document.createElement("label"), chosen = document.createElement("select"), told = document.createElement("output");
  chart.className = "chart";
  bar.className = "filters";
  label.append("method ", chosen);
  bar.append(label, told);
  const svg = add(chart, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${box.dataset.told}, as lines` });
  const step = (high - low) / 10 > 4 ? 10 : 5;
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
    add(svg, "line", { x1: left, x2: width, y1: y(tick), y2: y(tick), class: tick ? "grid" : "zero" });
    add(svg, "text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick > 0 ? `+${tick}` : `${tick}`.replace("-", "−"));
  }
  columns.forEach((at, place) => {
    const [px, py] = [x(place), height - bottom + 16];
    if (upright) return add(svg, "text", { transform: `translate(${px + 4} ${py - 8}) rotate(-90)`, "text-anchor": "end" }, heads[at]);
    const cut = heads[at].lastIndexOf(" ");
    [heads[at].slice(0, cut), heads[at].slice(cut + 1)].forEach((text, line) => add(svg, "text", { x: px, y: py + 15 * line, "text-anchor": "middle" }, text));
  });
  const path = numbers => numbers.map((number, at) => isNaN(number) ? "" : `${x(at).toFixed(1)},${y(number).toFixed(1)}`).join(" ");
  rows.forEach((row, at) => { row.line = add(svg, "polyline", { points: path(all[at]), class: "row" }); });
  const top = add(svg, "g", { class: "chosen" });
  const show = at => {
    top.replaceChildren();
    told.replaceChildren();
    if (at < 0 || rows[at].hidden) return; // nothing is near
    const line = texts(rows[at]);
    add(top, "polyline", { points: path(all[at]) });
    all[at].forEach((number, place) => isNaN(number) || add(top, "circle", { cx: x(place), cy: y(number), r: 4.5, class: /[▲▼]/.test(line[place]) ? "" : "open" }));
    const others = heads.map((name, place) => [name, place]).filter(([, place]) => place && !columns.includes(place));
    const name = document.createElement("b");
    name.textContent = rows[at].cells[0].textContent;
    told.replaceChildren(name, `: ${[...others.map(([other, place]) => `${other} ${rows[at].cells[place].textContent}`), ...columns.map((place, of) => `${heads[place]} ${line[of]}`)].join(", ")}`);
  };
  const nearest = event => {
    const place = svg.getBoundingClientRect();
    const [px, py] = [(event.clientX - place.left) * width / place.width, (event.clientY - place.top) * height / place.height];
    const column = Math.min(columns.length - 1, Math.max(0, Math.floor((px - left) * columns.length / (width - left))));
    const far = at => at < 0 || rows[at].hidden || isNaN(all[at][column]) ? Infinity : Math.abs(y(all[at][column]) - py);
    return all.map((_, at) => at).reduce((best, at) => far(at) < far(best) ? at : best, -1);
  };
  rows.forEach((row, at) => chosen.append(new Option(row.cells[0].textContent, at)));
  chosen.onchange = () => show(+chosen.value);
  svg.onpointermove = event => show(nearest(event));
  svg.onpointerleave = box.onfiltered = () => show(+chosen.value);
  svg.onclick = event => { if (nearest(event) >= 0) { chosen.value = nearest(event); show(+chosen.value); } };
  rows.forEach((row, at) => { row.onclick = () => { chosen.value = at; show(at); }; });
  show(0);
  const caption = document.createElement("figcaption");
  caption.textContent = "The table below as lines: point at one, or choose a method. Filled: better or worse. What lies far below stands on the lower edge.";
  chart.append(caption, bar);
  box.before(chart);
}
