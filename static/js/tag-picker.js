// The tag picker: Tom Select over a plain text input whose value is tag texts separated by ";".
// Without script the input stays what it is, and the server reads the same value.
"use strict";
const SEPARATOR = ";";
const SPRITE = document.querySelector("svg use")?.getAttribute("href").split("#")[0] ?? "";

const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${SPRITE}#${name}"/></svg>`;

// A chip shows where a tag stands, but not its group: the path in the value begins with that.
function stepsOf(text, escape) {
  const steps = text.split(/\s*[>›]\s*/).filter(Boolean);
  const leaf = steps.pop() ?? text;
  return steps.slice(1).map((step) => `<span class="up">${escape(step)}</span>`).join("") + escape(leaf);
}

function rows(input) {
  const words = input.dataset;
  const named = (sentence, name) => sentence.replace("{}", name);
  return {
    item: (item, escape) =>
      `<div class="tag tag-x"><span>${stepsOf(item.value, escape)}</span>` +
      `<button type="button" class="remove" tabindex="-1" aria-label="${escape(named(words.remove, item.value))}">${icon("x")}</button></div>`,
    option: (item, escape) => {
      const sub = [item.path, item.note].filter(Boolean).map(escape).join(" · ");
      const near = item.near ? `<strong class="near">${escape(words.near)}</strong> ` : "";
      return `<div class="opt-row"><span>${near}<span class="opt-label">${escape(item.label)}</span>${sub ? ` <span class="sub">${sub}</span>` : ""}</span><kbd>Enter</kbd></div>`;
    },
    option_create: (typed, escape) =>
      `<div class="opt-row create" role="option" id="${input.id}-create">${icon("plus")}<span>${escape(named(words.create, typed.input))} <span class="sub">${escape(words.createNote)}</span></span><kbd>Enter</kbd></div>`,
    no_results: (_typed, escape) => `<div class="no-results">${escape(words.none)}</div>`,
    loading: () => "",
  };
}

// What the server last answered, and to which words. Until it answers to the words typed now, only
// those of its last rows stay in sight that hold them: Enter never takes a row of other words.
function answers() {
  let words = "";
  let values = new Set();
  let isNamed = false;
  return {
    keep(typed, rows) {
      words = typed;
      values = new Set(rows.map((row) => row.value));
      isNamed = rows.some((row) => row.exact);
    },
    isFor: (typed) => typed.trim() === words.trim(),
    isNamed: (typed) => isNamed && typed.trim() === words.trim(),
    score: (typed) => (row) => {
      if (!typed || !values.has(row.value)) return 0;
      const shown = `${row.label} ${row.path} ${row.note}`.toLowerCase();
      return typed === words || shown.includes(typed.toLowerCase()) ? 1 : 0;
    },
  };
}

function options(input, answered) {
  const words = input.dataset;
  const chosen = input.value.split(SEPARATOR).map((text) => text.trim()).filter(Boolean);
  return {
    delimiter: SEPARATOR,
    splitOn: SEPARATOR,
    items: chosen,
    options: chosen.map((text) => ({ value: text, label: text })),
    valueField: "value",
    labelField: "label",
    searchField: [],
    score: answered.score, // the server ranks: it knows synonyms, stems and typing errors
    create: words.create ? (text) => ({ value: text.trim(), label: text.trim() }) : false,
    createOnBlur: Boolean(words.create),
    persist: false,
    hideSelected: true,
    closeAfterSelect: true,
    loadThrottle: 80,
    maxOptions: 20,
    placeholder: words.placeholder ?? "",
    hidePlaceholder: true,
    render: rows(input),
    shouldLoad: (text) => text.trim().length > 0,
    load: (text, done) => suggest(input, text, answered, done),
    onItemAdd: () => forget(input.tomselect),
    onItemRemove: () => forget(input.tomselect),
    onType: (text) => text || forget(input.tomselect),
  };
}

// Without words nothing is offered: what was found for earlier ones, or just taken off, goes.
function forget(picker) {
  picker.clearOptions((row) => picker.items.includes(row.value));
}

async function suggest(input, text, answered, done) {
  const picker = input.tomselect;
  const address = new URL(input.dataset.source, location.href);
  address.searchParams.set("q", text);
  let found = [];
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (answer.ok) found = await answer.json();
  } catch {
    // Without an answer the words typed can still become a tag.
  }
  if (picker.lastValue !== text) return done();
  answered.keep(text, found);
  picker.loadedSearches = {}; // the same words later are asked again: the list has changed by then
  forget(picker);
  done(found);
}

// Whoever made a new tag with the near ones in sight is not asked again when the form is saved.
function vouch(input, text) {
  const kept = Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: text });
  input.form?.append(kept);
}

function dress(input) {
  const answered = answers();
  const picker = new TomSelect(input, options(input, answered));
  // The row that makes a new tag comes last: what exists already is the better choice. Where a tag
  // is called just so, there is nothing to make.
  picker.hook("after", "refreshOptions", () => {
    const create = picker.dropdown_content.querySelector(".create");
    if (!create) return;
    if (!answered.isNamed(picker.inputValue())) return picker.dropdown_content.append(create);
    const isNext = picker.activeOption === create;
    create.remove();
    const first = picker.dropdown_content.querySelector("[data-selectable]");
    if (isNext && first) picker.setActiveOption(first, false);
  });
  picker.hook("before", "onOptionSelect", (_event, option) => {
    const typed = picker.inputValue();
    if (option?.classList.contains("create") && answered.isFor(typed)) vouch(input, typed.trim());
  });
  // Tab takes the chosen row and goes on to the next field: one key for both.
  picker.control_input.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || !picker.isOpen || !picker.activeOption) return;
    picker.onOptionSelect(event, picker.activeOption);
  });
  picker.control.addEventListener("click", (event) => {
    const item = event.target.closest(".remove")?.closest("[data-value]");
    if (!item) return;
    picker.removeItem(item.dataset.value);
    picker.focus();
  });
  const described = input.getAttribute("aria-describedby");
  if (described) picker.control_input.setAttribute("aria-describedby", described);
  // The summary of what is wrong leads to the field, which is out of sight now.
  for (const link of document.querySelectorAll(`a[href="#${CSS.escape(input.id)}"]`)) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      picker.focus();
    });
  }
}

function dressAll(root) {
  for (const input of root.querySelectorAll("input[data-tag-picker]:not(.tomselected)")) dress(input);
}

dressAll(document);
document.addEventListener("htmx:after:swap", () => dressAll(document));
