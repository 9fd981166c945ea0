// The tag picker: Tom Select over a plain text input whose value is tag texts separated by ";".
// Without script the input stays what it is, and the server reads the same value.
"use strict";
const SEPARATOR = ";";
const SPRITE = document.querySelector("svg use")?.getAttribute("href").split("#")[0] ?? "";

const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${SPRITE}#${name}"/></svg>`;

function stepsOf(text, escape) {
  const steps = text.split(/\s*[>›]\s*/).filter(Boolean);
  const leaf = steps.pop() ?? text;
  return steps.map((step) => `<span class="up">${escape(step)}</span>`).join("") + escape(leaf);
}

function rows(words) {
  const named = (sentence, name) => sentence.replace("{}", name);
  return {
    item: (item, escape) =>
      `<div class="tag tag-x"><span>${stepsOf(item.label ?? item.value, escape)}</span>` +
      `<button type="button" class="remove" tabindex="-1" aria-label="${escape(named(words.remove, item.value))}">${icon("x")}</button></div>`,
    option: (item, escape) => {
      const sub = [item.path, item.note].filter(Boolean).map(escape).join(" · ");
      return `<div class="opt-row"><span><span class="opt-label">${escape(item.label)}</span>${sub ? ` <span class="sub">${sub}</span>` : ""}</span><kbd>Enter</kbd></div>`;
    },
    option_create: (typed, escape) =>
      `<div class="opt-row create">${icon("plus")}<span>${escape(named(words.create, typed.input))} <span class="sub">${escape(words.createNote)}</span></span><kbd>Enter</kbd></div>`,
    no_results: (_typed, escape) => `<div class="no-results">${escape(words.none)}</div>`,
    loading: () => "",
  };
}

function options(input) {
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
    score: () => () => 1, // the server ranks: it knows synonyms, stems and typing errors
    create: words.create ? (text) => ({ value: text.trim(), label: text.trim() }) : false,
    createOnBlur: Boolean(words.create),
    persist: false,
    hideSelected: true,
    closeAfterSelect: false,
    selectOnTab: true,
    loadThrottle: 80,
    maxOptions: 20,
    placeholder: words.placeholder ?? "",
    hidePlaceholder: true,
    render: rows(words),
    shouldLoad: (text) => text.trim().length > 0,
    load: (text, done) => suggest(input, text, done),
    onItemAdd() {
      this.setTextboxValue("");
      this.refreshOptions(false);
    },
  };
}

async function suggest(input, text, done) {
  const address = new URL(input.dataset.source, location.href);
  address.searchParams.set("q", text);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    // What was offered for earlier letters would stay in the list: each answer replaces the last.
    input.tomselect.clearOptions((option) => input.tomselect.items.includes(option.value));
    done(answer.ok ? await answer.json() : []);
  } catch {
    done([]);
  }
}

function dress(input) {
  const picker = new TomSelect(input, options(input));
  picker.control.addEventListener("click", (event) => {
    const item = event.target.closest(".remove")?.closest("[data-value]");
    if (!item) return;
    picker.removeItem(item.dataset.value);
    picker.focus();
  });
  const described = input.getAttribute("aria-describedby");
  if (described) picker.control_input.setAttribute("aria-describedby", described);
}

function dressAll(root) {
  for (const input of root.querySelectorAll("input[data-tag-picker]:not(.tomselected)")) dress(input);
}

dressAll(document);
document.addEventListener("htmx:after:swap", () => dressAll(document));
