// The search field: what may be meant appears under it, to be chosen by keyboard or mouse. Without
// script the field is a plain form. Ctrl+K opens the same field over any page.
"use strict";
const TYPING_PAUSE = 60;

class SearchBox {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("input[type=search]");
    this.list = form.querySelector("[role=listbox]");
    this.dialog = form.closest("dialog");
    this.asked = null;
    this.pause = 0;
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", this.list.id], ["aria-expanded", "false"]]) {
      this.field.setAttribute(name, value);
    }
    this.field.addEventListener("input", () => this.soon());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => this.clicked(event));
    if (!this.dialog) form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.close());
    form.addEventListener("submit", () => this.close());
  }

  get rows() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get active() {
    return this.list.querySelector("[aria-selected=true]");
  }

  soon() {
    clearTimeout(this.pause);
    this.asked?.abort();
    if (!this.field.value.trim() && !this.dialog) return this.close();
    this.pause = setTimeout(() => this.ask(), TYPING_PAUSE);
  }

  // Only the answer to what stands in the field now is shown: an earlier question is broken off.
  async ask() {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const values = new URLSearchParams(new FormData(this.form));
    values.set("caret", this.field.selectionStart ?? this.field.value.length);
    if (this.dialog) values.set("palette", "1");
    try {
      const answer = await fetch(`${this.form.dataset.typing}?${values}`, { signal: asked.signal });
      const rows = answer.ok && !answer.redirected ? await answer.text() : "";
      if (this.asked === asked) this.show(rows);
    } catch {
      // Broken off, or no answer: the field works without the list.
    }
  }

  show(rows) {
    this.list.innerHTML = rows;
    this.rows.forEach((row, place) => (row.id = `${this.list.id}-${place}`));
    const isOpen = this.rows.length > 0 && document.activeElement === this.field;
    this.list.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen));
    this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.pause);
    this.asked?.abort();
    this.asked = null;
    this.show("");
  }

  move(step) {
    const rows = this.rows;
    if (!rows.length) return void this.ask();
    const place = rows.indexOf(this.active) + step;
    this.active?.setAttribute("aria-selected", "false");
    // Beyond either end the field itself has its turn: Enter searches for the words.
    const next = rows[place === -2 ? rows.length - 1 : place];
    if (!next) return this.field.removeAttribute("aria-activedescendant");
    next.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || event.altKey) return;
    const active = this.active;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active && !event.ctrlKey && !event.metaKey) {
      this.choose(active);
    } else if (event.key === "Tab" && !event.shiftKey && active?.dataset.fill !== undefined) {
      this.choose(active);
    } else if (event.key === "Escape") {
      if (this.dialog) this.dialog.close();
      else if (!this.list.hidden) this.close();
      else this.field.blur();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  clicked(event) {
    const row = event.target.closest("[role=option]");
    if (row?.dataset.fill === undefined) return; // a link leads where it leads
    event.preventDefault();
    this.choose(row);
  }

  choose(row) {
    if (row.dataset.fill === undefined) return row.click();
    this.field.value = row.dataset.fill;
    this.field.focus();
    this.field.setSelectionRange(Number(row.dataset.caret), Number(row.dataset.caret));
    this.show("");
    this.ask();
  }
}

for (const form of document.querySelectorAll("form[data-search-box]")) new SearchBox(form).form.box = true;

const palette = document.getElementById("palette");

function openPalette() {
  if (!palette || document.querySelector("dialog[open]")) return;
  const field = palette.querySelector("input[type=search]");
  field.value = "";
  palette.showModal();
  field.focus();
  field.dispatchEvent(new Event("input"));
}

// By the place of the key, so that it works in every layout.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.code !== "KeyK") return;
  event.preventDefault();
  openPalette();
});

palette?.addEventListener("click", (event) => event.target === palette && palette.close());
for (const opener of document.querySelectorAll("[data-open-palette]")) {
  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPalette();
  });
}
