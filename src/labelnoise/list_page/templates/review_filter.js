"use strict";
// Which cards are shown: all of them, those of a tier, those without a suggestion, or those to which answers differ.
const FILTERS = {
  all: () => true,
  obvious: (card) => tierOf(card) === "obvious",
  possible: (card) => tierOf(card) === "possible",
  untold: (card) => cards.kind[card] !== SUSPECT, // the audit, and suspects among which nobody can tell it
  conflicts: (card) => differing.has(card),
};
let filter = "all", differing = new Map(); // card -> labels that it was given
let pointed = false; // whether the filter was last touched by a pointer

const tierOf = (card) => (hidden ? "" : D.tiers[cards.tier[card]]);
const within = (card) => FILTERS[filter](card);

function onwards(card, step) {
  for (let far = 1; far <= cards.count; far++) {
    const next = (((card + far * step) % cards.count) + cards.count) % cards.count;
    if (within(next)) return next;
  }
  return card;
}

function nextOpen(card) {
  for (let step = 1; step <= cards.count; step++) {
    const next = (card + step) % cards.count;
    if (within(next) && (filter === "conflicts" || latest[next] === null)) return next;
  }
  return within(card) ? card : onwards(card, 1);
}

// After an answer. waited: whether its card had none; with the last such card of a filter, all are shown again.
function proceed(waited) {
  tell();
  const waits = (card) => within(card) && latest[card] === null;
  const over = waited && !["all", "conflicts"].includes(filter) && !latest.some((_, card) => waits(card));
  if (over) filter = "all";
  if (over) tell();
  show(waits(current) ? current : nextOpen(current));
  if (over) say("All of these are answered.");
}

// Imported answers that say otherwise than others did. An answer given here, after them, settles it.
function differ() {
  const said = [...standing()].map(([card, entries]) => [card, [...new Set(entries.map(([, label]) => label))]]);
  return new Map(said.filter(([, labels]) => labels.length > 1));
}

function tellFilters() {
  differing = differ();
  const counts = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, 0]));
  for (let card = 0; card < cards.count; card++) for (const name in FILTERS) counts[name] += FILTERS[name](card);
  for (const option of at("filter").options) {
    option.text = option.value === "all" ? "all" : `${option.dataset.told} (${counts[option.value].toLocaleString("en")})`;
    option.disabled = option.value !== "all" && !counts[option.value];
  }
  if (!counts[filter]) filter = "all";
  at("filter").value = filter;
}

function choose(name) {
  filter = name;
  closeGrid();
  const chosen = document.activeElement === at("filter") && !pointed; // who goes through it by keys goes on there
  tell();
  if (cards.count) show(nextOpen(cards.count - 1));
  if (chosen) at("filter").focus();
  say(`Shown: ${at("filter").selectedOptions[0].text}.`);
}

function nextFilter() {
  const names = [...at("filter").options].filter((option) => !option.disabled).map((option) => option.value);
  choose(names[(names.indexOf(filter) + 1) % names.length]);
}
