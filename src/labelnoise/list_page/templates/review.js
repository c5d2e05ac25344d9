"use strict";
// Cards are asked one by one, in the order of the work list. An answer is [card, label, kind, seconds, batch]; the
// latest to a card counts, so that undo is taking the last one away. Labels: a class, -2 cannot tell, -3 leave out.
// Batch: above 0 a grid's, which are undone at once; below 0 an imported file's.
const D = JSON.parse(document.getElementById("data").textContent);
const UNSURE = -2, OUT = -3, NONE = -1;
const [SUSPECT, BLIND, AUDIT, GRID] = D.kinds.keys();
const OBVIOUS = D.tiers.indexOf("obvious"), TILES = 24, BESIDE = 6;
const [UNANSWERED, RIGHT, WRONG, SHRUG] = [0, 1, 2, 3]; // as in audit/codes.py
const PAUSE = 60; // seconds at a label from which on somebody was away
const SHARP = 64; // pixels of images that are enlarged with hard edges
const cards = D.cards, given = unpacked(cards.given), suggestion = unpacked(cards.suggestion);
const was = unpacked(cards.was), near = unpacked(cards.near), examples = unpacked(D.examples), labels = unpacked(D.labels);
const pixels = D.images.kind === "pixels" ? bytes(D.images.data) : null;
const STORE = `labelnoise review ${D.key}`, CARRIED = `${STORE} carried`, PART = 200;
const at = (id) => document.getElementById(id);

let answers = [], carried = []; // carried: rows of imported files that are about labels of no card
let latest = new Array(cards.count).fill(null), count = 0;
let current = 0, hidden = false, tiles = [], since = 0, spent = 0;

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function unpacked(text) {
  const [bits, data] = text.split(":"), kind = bits === "16" ? Uint16Array : Uint32Array;
  const whole = new kind(bytes(data).buffer), none = 2 ** Number(bits) - 1;
  return Int32Array.from(whole, (number) => (number === none ? NONE : number));
}

function made(tag, text = "", ...kinds) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.classList.add(...kinds);
  return element;
}

const named = (label) => (label >= 0 ? D.classes[label] : label === NONE ? "" : D.words[label]);
const called = (example) => (D.files.length ? D.files[example] : `${D.images.kind === "none" ? "example" : "image"} ${example}`);
const percent = (share) => (share > 0.999 ? ">99.9%" : `${(100 * share).toFixed(1)}%`); // nothing is certain
const many = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const blind = (card) => hidden || cards.kind[card] !== SUSPECT;
const suggested = (card) => (blind(card) ? NONE : suggestion[card]);

// Pictures

function picture(image, large = false) {
  const of = called(examples[image]);
  if (pixels) return drawn(image, of);
  if (D.images.kind === "none") return made("div", `look up ${of}`, "none");
  const small = D.images.thumbnails[image], element = new Image();
  const file = D.images.folder && D.files.length ? address(image) : "";
  element.alt = of;
  element.addEventListener("load", () => {
    const whole = element.src !== small || small.startsWith("data:image/png");
    if (whole && Math.max(element.naturalWidth, element.naturalHeight) <= SHARP) element.classList.add("sharp");
  });
  if (file && small && large) element.addEventListener("error", () => (element.src = small), { once: true });
  element.src = (large && file) || small || file;
  return element;
}

function address(image) {
  return D.images.folder + D.files[examples[image]].split("/").map(encodeURIComponent).join("/");
}

function drawn(image, of) {
  const { channels, height, width } = D.images, size = height * width, start = image * channels * size;
  const canvas = made("canvas", "", "sharp"), shown = new ImageData(width, height);
  Object.assign(canvas, { width, height });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", of);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) shown.data[4 * i + c] = pixels[start + (channels === 3 ? c * size : 0) + i];
    shown.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(shown, 0, 0);
  return canvas;
}

// One card

function show(card) {
  current = card;
  at("picture").replaceChildren(picture(card, true));
  const to = suggested(card), head = at("asked"), is = given[card];
  head.replaceChildren(is >= 0 ? "given " : "no label", made("b", named(is)));
  if (to >= 0) head.append(is >= 0 ? " → suggested " : ", suggested ", made("strong", named(to)));
  at("facts").textContent = facts(card);
  const said = latest[card]?.[4] < 0 && blind(card) ? null : latest[card]; // blind, nobody hears what others said
  for (const button of at("classes").children) {
    const label = Number(button.dataset.class);
    button.classList.toggle("given", label === is);
    button.classList.toggle("suggested", label === to);
    button.setAttribute("aria-pressed", String(said !== null && said[1] === label));
  }
  at("take").disabled = to < 0;
  at("take-word").textContent = to < 0 ? "No suggestion" : "Take suggestion";
  at("keep").disabled = is < 0;
  at("near").replaceChildren(...beside(card, is, 0), ...beside(card, to, BESIDE));
  const answered = said ? `: answered ${named(said[1])}` : latest[card] ? ": answered" : "";
  at("place").textContent = `${(card + 1).toLocaleString("en")}${answered}`;
  if (at("name")) closeNames();
  head.focus({ preventScroll: true });
  [spent, since] = [0, performance.now()];
  ahead(card);
}

function facts(card) {
  const parts = [];
  if (!blind(card)) {
    if (cards.wrong[card] !== null) parts.push(`P(wrong) ${percent(cards.wrong[card])}`);
    if (cards.tier[card]) parts.push(D.tiers[cards.tier[card]] + (cards.sure[card] ? ", sure" : ""));
    if (suggestion[card] < 0) parts.push("no suggestion");
    if (differing.has(card)) parts.push(`answers differ: ${differing.get(card).map(named).join(", ")}`);
  } else {
    parts.push("shown without suggestion");
  }
  return [...parts, called(examples[card])].join(" · ");
}

function beside(card, label, from) {
  const images = [...near.subarray(2 * BESIDE * card + from, 2 * BESIDE * card + from + BESIDE)].filter((i) => i >= 0);
  if (label < 0 || !images.length || D.images.kind === "none") return [];
  const head = made("p", "Labelled "), row = made("div");
  head.append(made("b", named(label)), D.trusted);
  row.append(...images.map((image) => picture(image)));
  return [head, row];
}

function ahead(card) {
  if (D.images.folder) for (const next of [card + 1, card + 2]) if (next < cards.count) new Image().src = address(next);
}

// Answers

function seconds() {
  return spent + (document.hidden ? 0 : (performance.now() - since) / 1000);
}

function answer(label) {
  if (!cards.count) return;
  const kind = cards.kind[current] === SUSPECT && hidden ? BLIND : cards.kind[current], waited = latest[current] === null;
  push([current, label, kind, rounded(seconds()), 0]);
  save(answers.length - 1);
  proceed(waited);
}

const rounded = (number) => Math.round(10 * number) / 10;

function push(entry) {
  answers.push(entry);
  if (latest[entry[0]] === null) count++;
  latest[entry[0]] = entry;
}

function undo() {
  if (!answers.length) return say("Nothing to undo.");
  const batch = answers.at(-1)[4];
  let card;
  do {
    [card] = answers.pop();
    latest[card] = answers.findLast((entry) => entry[0] === card) ?? null;
    if (latest[card] === null) count--;
  } while (batch > 0 && answers.length && answers.at(-1)[4] === batch);
  save(answers.length);
  closeGrid();
  tell();
  show(card);
  say(`Undone: ${called(examples[card])}.`);
}

// Answers are kept in parts, so that the last of many is written as fast as the first. first: of those that are new;
// others: whether `carried` is.
function save(first, others = false) {
  try {
    if (others) localStorage.setItem(CARRIED, JSON.stringify(carried));
    for (let part = Math.floor(first / PART); part <= Math.floor(answers.length / PART); part++)
      localStorage.setItem(`${STORE} ${part}`, JSON.stringify(answers.slice(part * PART, (part + 1) * PART)));
    localStorage.setItem(STORE, answers.length);
    at("saved").textContent = "Saved in this browser.";
  } catch {
    at("saved").textContent = "This browser saves nothing: export before you close the page.";
  }
}

function load() {
  try {
    const kept = Number(localStorage.getItem(STORE)), parts = [];
    for (let part = 0; part * PART < kept; part++) parts.push(...JSON.parse(localStorage.getItem(`${STORE} ${part}`)));
    carried = JSON.parse(localStorage.getItem(CARRIED)) ?? [];
    [answers, count] = [[], 0];
    latest.fill(null);
    parts.slice(0, kept).forEach(push);
    at("saved").textContent = "Answers are saved in this browser.";
  } catch {
    at("saved").textContent = "This browser saves nothing: export before you close the page.";
  }
}

const say = (text) => (at("message").textContent = text);

function tell() {
  tellFilters();
  at("progress").value = count;
  at("done").textContent = `${count.toLocaleString("en")} of ${cards.count.toLocaleString("en")}`;
  const recent = answers.slice(-50).map((entry) => Math.min(entry[3], PAUSE));
  const each = recent.length < 5 ? D.seconds : Math.max(recent.reduce((sum, s) => sum + s, 0) / recent.length, 0.1);
  const left = Math.round(((cards.count - count) * each) / 60);
  const time = left >= 90 ? `${(left / 60).toFixed(1)} hours` : many(Math.max(left, 1), "minute");
  const hour = `${Math.round(3600 / each).toLocaleString("en")} labels an hour`;
  at("pace").textContent = count < cards.count ? `${recent.length < 5 ? "" : `${hour}, `}about ${time} left` : "";
  at("audit").textContent = audited();
  at("undo").disabled = !answers.length;
  at("finished").hidden = count < cards.count;
  at("finished").textContent = cards.count
    ? `All ${many(cards.count, "label")} are answered. Export rechecked.csv, and run again.`
    : "There is nothing to look at.";
  for (const id of ["export", "corrected"]) at(id).disabled = !answers.length && !carried.length;
  if (at("grid").hidden) at("grid-open").disabled = hidden || !gridCards().length;
}

// The audit: limits from labels drawn at random, as audit/statements.py and audit/intervals.py compute them

function codeOf(card) {
  const label = latest[card]?.[1];
  return label === undefined ? UNANSWERED : label < 0 ? SHRUG : label === was[card] ? RIGHT : WRONG;
}

function audited() {
  const A = D.audit;
  if (!A.looks.length) return "";
  const code = A.places.map(([card, , before]) => (card >= 0 && before === UNANSWERED ? codeOf(card) : before));
  const open = code.indexOf(UNANSWERED), done = open < 0 ? code.length : open;
  const look = Math.max(0, ...A.looks.filter((of) => of <= done));
  const next = Math.min(...A.looks.filter((of) => of > done));
  const waits = next === Infinity ? 0 : rowsTo(A.places.slice(0, next).map(([card]) => card));
  const more = waits && filter === "all" ? `${look ? " Next" : "Audit: first"} limits after ${many(waits, "more label")}.` : "";
  if (!look) return more;
  const [low, high] = limits(code, look), wrong = code.slice(0, look).filter((of) => of === WRONG).length;
  const span = low < high ? `${low.toLocaleString("en")} to ${high.toLocaleString("en")}` : high.toLocaleString("en");
  const uneven = drawnMore(look), by = uneven ? `Labels that ${uneven} are drawn more often; weighted for that` : "By these";
  return `Audit: ${wrong} of ${look} labels drawn were wrong. ${by}, ${span} of ${many(A.total, "label")} are.${more}`;
}

// As list_page/audited.py has it: whether the most suspect stratum was drawn more often than the least suspect one.
function drawnMore(look) {
  const A = D.audit, asked = A.size.map(() => 0);
  for (const [, stratum] of A.places.slice(0, look)) asked[stratum]++;
  const rates = asked.map((count, k) => count / A.size[k]).filter((_, k) => k !== A.known && A.size[k]);
  if (!rates.length || rates[0] === rates.at(-1)) return "";
  return rates[0] > rates.at(-1) ? "look wrong" : "look right";
}

// How many cards come before these are answered: so that the number falls with every card, of the audit or not.
function rowsTo(wanted) {
  const last = Math.max(-1, ...wanted.filter((card) => card >= 0 && latest[card] === null));
  return latest.slice(0, last + 1).filter((entry) => entry === null).length;
}

function limits(code, look) {
  const A = D.audit, zero = () => A.size.map(() => 0);
  const [answered, wrong, unsure, isWrong, isRight] = [zero(), zero(), zero(), [...A.wrong], [...A.right]];
  A.places.slice(0, look).forEach(([, stratum], place) => {
    answered[stratum]++;
    wrong[stratum] += code[place] === WRONG;
    unsure[stratum] += code[place] === SHRUG;
  });
  [answered[A.known], wrong[A.known], unsure[A.known]] = [A.size[A.known], A.wrong[A.known], A.unknown[A.known]];
  for (let card = 0; card < cards.count; card++) {
    const stratum = cards.stratum[card], said = codeOf(card);
    if (stratum < A.size.length && said === WRONG) isWrong[stratum]++;
    if (stratum < A.size.length && said === RIGHT) isRight[stratum]++;
  }
  const weight = A.size.map((size, k) => (answered[k] && answered[k] < size ? size / answered[k] : 0));
  const sum = Math.max(weight.reduce((a, b) => a + b, 0), 1);
  let [low, high] = [0, 0];
  A.size.forEach((size, k) => {
    const error = (((1 - A.level) / 2) * weight[k]) / sum, n = answered[k];
    const clip = (number) => Math.min(Math.max(number, isWrong[k]), size - isRight[k]);
    low += clip(size - mostOf(size, n, n - wrong[k], error));
    high += clip(mostOf(size, n, wrong[k] + unsure[k], error));
  });
  return [low, high];
}

// The most labels of a kind of which so few are `found` among `n` of `size` with a probability above `error`.
function mostOf(size, n, found, error) {
  let [first, end] = [found, size - n + found];
  while (first < end) {
    const middle = Math.floor((first + end + 1) / 2);
    if (atMost(found, size, middle, n) > error) first = middle;
    else end = Math.max(middle - 1, first);
  }
  return first;
}

const logs = [0];
function logFactorial(n) {
  for (let k = logs.length; k <= n; k++) logs.push(logs[k - 1] + Math.log(k));
  return logs[n];
}
const logChoose = (n, k) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

// P(X <= found), X hypergeometric: of `size` labels `kind` are of the kind, `n` are drawn.
function atMost(found, size, kind, n) {
  let sum = 0;
  for (let k = Math.max(0, n - size + kind); k <= Math.min(found, kind, n); k++)
    sum += Math.exp(logChoose(kind, k) + logChoose(size - kind, n - k) - logChoose(size, n));
  return sum;
}

// The grid

function gridCards() {
  const found = [];
  for (let card = 0; card < cards.count && found.length < TILES; card++) {
    const fits = cards.kind[card] === SUSPECT && cards.tier[card] === OBVIOUS && suggestion[card] >= 0;
    if (fits && latest[card] === null) found.push(card);
  }
  return found;
}

function openGrid() {
  tiles = hidden ? [] : gridCards();
  if (!tiles.length) return say(hidden ? "Blind: there is no grid." : "No obvious error is left for the grid.");
  at("tiles").replaceChildren(...tiles.map(tile));
  [at("card").hidden, at("grid").hidden] = [true, false];
  at("grid-head").textContent = `${many(tiles.length, "obvious error")} at once`;
  ticked();
  [spent, since] = [0, performance.now()];
  at("grid-head").focus({ preventScroll: true });
}

function tile(card) {
  const item = made("li"), button = made("button"), to = made("span", `${named(given[card])} → `);
  button.type = "button";
  button.setAttribute("aria-pressed", "true");
  to.append(made("strong", named(suggestion[card])));
  button.append(picture(card), to);
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    ticked();
  });
  item.append(button);
  return item;
}

const tileButtons = () => [...at("tiles").querySelectorAll("button")];
const kept = () => tiles.filter((_, place) => tileButtons()[place].getAttribute("aria-pressed") === "true");

function ticked() {
  at("accept").replaceChildren(`Take the suggestion for ${kept().length} `, made("kbd", "Enter"));
  at("accept").disabled = !kept().length;
}

function accept() {
  const chosen = kept(), each = rounded(seconds() / Math.max(chosen.length, 1));
  if (!chosen.length) return;
  const first = answers.length; // and the number of the batch, with 1 added: 0 is none
  chosen.forEach((card) => push([card, suggestion[card], GRID, each, first + 1]));
  save(first);
  closeGrid();
  say(`${many(chosen.length, "suggestion")} taken.`);
  proceed(true);
}

function closeGrid() {
  [at("card").hidden, at("grid").hidden] = [!cards.count, true];
}

function leaveGrid() {
  closeGrid();
  show(current);
  tell();
}

function moveTile(key) {
  const all = tileButtons(), wide = all.filter((one) => one.offsetTop === all[0].offsetTop).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[key];
  const from = all.indexOf(document.activeElement), to = from < 0 ? 0 : from + step;
  all[Math.min(Math.max(to, 0), all.length - 1)].focus();
}

// Files

const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
const nameOf = (example) => (D.files.length ? quoted(D.files[example]) : example);
const table = (head, rows) => [head.map(quoted), ...rows].map((row) => `${row.join(",")}\n`).join("");
const ID = D.files.length ? "file" : "index";

// What stands of the answers to a card: the last that was given here, and those imported after it.
function standing() {
  const found = new Map();
  for (const entry of answers) {
    if (entry[4] < 0 && found.has(entry[0])) found.get(entry[0]).push(entry);
    else found.set(entry[0], [entry]);
  }
  return found;
}

function rechecked() {
  const own = [...standing().values()].flat().map(([card, label, kind, took]) => [
    nameOf(examples[card]), quoted(named(given[card])), quoted(named(label)), quoted(D.kinds[kind]), took,
  ]);
  const others = carried.map((row) => [D.files.length ? quoted(row[0]) : row[0], ...row.slice(1, 4).map(quoted), row[4]]);
  return table([ID, "given", "label", "kind", "seconds"], [...others, ...own]);
}

function corrected() {
  const said = new Map(D.before);
  for (const [name, , label] of carried) {
    const example = placeOf(name), code = labelOf(label);
    if (example !== undefined && !said.has(example) && code !== undefined) said.set(example, code);
  }
  latest.forEach((entry, card) => entry && said.set(examples[card], entry[1]));
  const rows = Array.from(labels, (is, example) => {
    const to = said.get(example) ?? NONE, now = to >= 0 ? to : to === OUT ? NONE : is;
    return [nameOf(example), quoted(named(now)), quoted(named(is)), quoted(state(is, to))];
  });
  return table([ID, "label", "given", "state"], rows);
}

function state(is, to) {
  if (to === OUT) return "left out";
  if (to === UNSURE) return "unsure";
  if (to >= 0) return to === is ? "right" : "changed";
  return is < 0 ? "unlabelled" : "given";
}

function download(name, text) {
  const link = made("a"), url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  const votes = [...standing().values()].flat().length + carried.length;
  say(`${name}: ${many(name === "rechecked.csv" ? votes : count, "answer")}.`);
}

function exported(name, text) {
  if (answers.length || carried.length) download(name, text());
  else say("There is no answer to export yet.");
}

let places = null;
function placeOf(name) {
  if (!D.files.length) return /^\d{1,9}$/.test(name.trim()) && Number(name) < labels.length ? Number(name) : undefined;
  places ??= new Map(D.files.map((file, example) => [file, example]));
  return places.get(name);
}

function labelOf(text) {
  const label = D.classes.indexOf(text), trimmed = text.trim();
  if (label >= 0) return label;
  if (D.classes.includes(trimmed)) return D.classes.indexOf(trimmed);
  return D.said[trimmed.toLowerCase()];
}

function parsed(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/gy;
  text = text.replace(/^\ufeff/, "");
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error("no CSV");
    rows.at(-1).push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] !== ",") rows.push([]);
  }
  return rows.filter((row) => row.some((one) => one.trim()));
}

function imported(name, text) {
  const [head, ...rows] = parsed(text), columns = head.map((one) => one.trim());
  if (!columns.includes("label") || !columns.includes(ID)) throw new Error(`it needs columns ${ID} and label`);
  const place = new Map(Array.from({ length: cards.count }, (_, card) => [examples[card], card]));
  const key = (entry) => JSON.stringify(entry.slice(0, 4)), first = answers.length;
  const before = new Set([...carried.map((row) => JSON.stringify(row)), ...answers.map(key)]); // a file twice is once
  const found = { own: 0, others: 0, wrong: 0 };
  rows.forEach((row, line) => {
    const of = Object.fromEntries(columns.map((column, k) => [column, row[k] ?? ""]));
    if (!of.label.trim()) return;
    const label = labelOf(of.label), card = place.get(placeOf(of[ID]));
    const other = of.given && card !== undefined && of.given.trim() !== named(given[card]).trim() && label !== given[card];
    if (label === undefined || other) return found.wrong++;
    const kind = D.kinds.includes(of.kind) ? of.kind : D.kinds[card === undefined ? SUSPECT : cards.kind[card]];
    const took = Number(of.seconds) || 0;
    found[card === undefined ? "others" : "own"]++;
    if (card === undefined) {
      const said = [of[ID], of.given ?? "", of.label, kind, took];
      if (!before.has(JSON.stringify(said))) carried.push(said);
    } else {
      const entry = [card, label, D.kinds.indexOf(kind), took, -1 - first];
      if (!before.has(key(entry))) push(entry);
    }
  });
  save(first, true);
  closeGrid();
  tell();
  if (cards.count) show(nextOpen(cards.count - 1));
  const others = found.others ? `, ${many(found.others, "answer")} to others (kept for the export)` : "";
  const wrong = found.wrong ? `; ${many(found.wrong, "row")} left out: unknown class, or given is another label` : "";
  say(`${name}: ${many(found.own, "answer")} to labels of this page${others}${wrong}.`);
}

// Names of classes, typed

function names(text) {
  const sought = text.trim().toLowerCase(), all = [...D.classes.keys()];
  if (!sought) return [];
  const low = D.classes.map((name) => name.toLowerCase());
  const first = all.filter((k) => low[k].startsWith(sought)), then = all.filter((k) => low[k].indexOf(sought) > 0);
  return [...first.sort((a, b) => low[a].length - low[b].length), ...then].slice(0, 12);
}

function showNames() {
  const found = names(at("name").value), list = at("names");
  list.replaceChildren(...found.map((label, place) => {
    const item = made("li", named(label));
    Object.assign(item, { id: `name-${place}`, role: "option" });
    item.dataset.class = label;
    item.addEventListener("pointerdown", (event) => (event.preventDefault(), answer(label)));
    return item;
  }));
  list.hidden = !found.length;
  at("name").setAttribute("aria-expanded", String(!!found.length));
  markName(0);
}

function markName(place) {
  const items = [...at("names").children];
  items.forEach((item, k) => item.setAttribute("aria-selected", String(k === place)));
  if (items.length) at("name").setAttribute("aria-activedescendant", `name-${place}`);
  else at("name").removeAttribute("aria-activedescendant");
  items[place]?.scrollIntoView({ block: "nearest" });
}

function closeNames() {
  at("name").value = "";
  showNames();
}

function typedKey(event) {
  const items = [...at("names").children], place = items.findIndex((item) => item.ariaSelected === "true");
  if (event.key === "Enter" && items[place]) answer(Number(items[place].dataset.class));
  else if (event.key === "Escape") (closeNames(), at("asked").focus());
  else if (event.key === "ArrowDown") markName(Math.min(place + 1, items.length - 1));
  else if (event.key === "ArrowUp") markName(Math.max(place - 1, 0));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Keys

function toggleBlind() {
  hidden = !hidden;
  at("blind").setAttribute("aria-pressed", String(hidden));
  closeGrid();
  tell();
  if (cards.count) show(current);
  say(hidden ? "Blind: no suggestion, no P(wrong)." : "Suggestions are shown.");
}

const acts = {
  take: () => suggested(current) >= 0 ? answer(suggested(current)) : say("There is no suggestion: name a class, or keep."),
  keep: () => given[current] >= 0 ? answer(given[current]) : say("There is no label to keep."),
  unsure: () => answer(UNSURE),
  out: () => answer(OUT),
  undo,
  blind: toggleBlind,
  "grid-open": openGrid,
  "grid-close": leaveGrid,
  accept,
  back: () => show(onwards(current, -1)),
  on: () => show(onwards(current, 1)),
  export: () => exported("rechecked.csv", rechecked),
  corrected: () => exported("corrected.csv", corrected),
};
const KEYS = {
  enter: "take", k: "keep", s: "unsure", x: "out", z: "undo", b: "blind", g: "grid-open", e: "export", E: "corrected",
  arrowleft: "back", arrowright: "on",
}; // prettier-ignore
const digits = new Map([...at("classes").children].map((one) => [one.querySelector("kbd")?.textContent, one.dataset.class]));

function pressed(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || target.matches("input, select")) return;
  const inGrid = !at("grid").hidden, tileThere = inGrid && at("tiles").contains(target);
  if (["Enter", " "].includes(key) && target.matches("button, summary") && !(tileThere && key === "Enter")) return;
  if (event.repeat && !key.startsWith("Arrow")) return event.preventDefault();
  if (inGrid) {
    if (key.startsWith("Arrow")) moveTile(key);
    else if (key === "Enter") accept();
    else if (key === "Escape" || key.toLowerCase() === "g") leaveGrid();
    else if (key.toLowerCase() === "z") undo();
    else return;
  } else if (digits.has(key)) answer(Number(digits.get(key)));
  else if (key.toLowerCase() === "f") nextFilter();
  else if (at("name") && ["c", "/"].includes(key.toLowerCase())) at("name").focus();
  else {
    const act = event.shiftKey && key === "E" ? KEYS.E : KEYS[key.toLowerCase()];
    if (!act || (act !== "export" && act !== "corrected" && !cards.count) || !at(act)) return;
    acts[act]();
  }
  event.preventDefault();
}

for (const [id, act] of Object.entries(acts)) at(id)?.addEventListener("click", act);
for (const button of at("classes").children) button.addEventListener("click", () => answer(Number(button.dataset.class)));
at("name")?.addEventListener("input", showNames);
at("name")?.addEventListener("keydown", typedKey);
at("filter").addEventListener("pointerdown", () => (pointed = true));
at("filter").addEventListener("keydown", () => (pointed = false));
at("filter").addEventListener("change", ({ target }) => choose(target.value));
at("import").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  try {
    imported(file.name, await file.text());
  } catch (error) {
    say(`${file.name}: ${error.message}.`);
  }
  target.value = "";
});
document.addEventListener("keydown", pressed);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) spent += (performance.now() - since) / 1000;
  since = performance.now();
});
addEventListener("storage", (event) => {
  if (event.key !== STORE) return;
  load(); // another tab answered
  closeGrid();
  tell();
  if (cards.count) show(current);
});
load();
tell();
if (cards.count) show(nextOpen(cards.count - 1));
