// Facts one after another: Ctrl+Enter sends, the form is empty at once, and what could not be written
// down comes back into it. Study, respondent and question stay; what is alike is shown at the side.
"use strict";
(() => {
  const LOOK_AFTER = 300;
  const form = document.querySelector("form[data-capture]");
  if (!form) return;
  const { title, body } = form.elements;
  const tags = form.elements.tags;
  const rows = form.querySelector(".evidence");
  const more = document.getElementById("more-evidence");
  const alert = document.getElementById("written-said");
  const side = document.getElementById("similar");
  const waiting = [];
  let underway = Promise.resolve();

  const all = (selector) => [...form.querySelectorAll(selector)];
  const ticks = () => all("input[name=not_applicable]");
  const setTags = (text) => {
    const picker = tags.tomselect;
    if (!picker) return void (tags.value = text);
    picker.clear(true);
    for (const one of text.split(";").filter(Boolean)) {
      picker.addOption({ value: one, label: one });
      picker.addItem(one, true);
    }
  };
  const hasWords = () =>
    [title.value, body.value, tags.value, ...all(".evidence [name=evidence-text]").map((one) => one.value)]
      .some((text) => text.trim());

  // ——— out of the form, and back into it ———
  function take(submitter) {
    return {
      data: new FormData(form, submitter),
      title: title.value,
      body: body.value,
      tags: tags.value,
      rows: all("[data-row]"),
      side: [...side.childNodes],
      ticked: ticks().filter((one) => one.checked),
      sure: all("input[name=sure]"),
      slot: form.elements.slot.value,
      stamp: form.elements.stamp.value,
    };
  }

  function put(taken) {
    title.value = taken.title;
    body.value = taken.body;
    setTags(taken.tags);
    for (const row of all("[data-row]")) row.remove();
    more.before(...taken.rows);
    side.replaceChildren(...taken.side);
    for (const one of ticks()) one.checked = taken.ticked.includes(one);
    for (const one of all("input[name=sure]")) one.remove();
    form.append(...taken.sure);
    form.elements.slot.value = taken.slot;
    form.elements.stamp.value = taken.stamp;
  }

  // What was wrong with the fact before says nothing of the next one.
  function forgive() {
    for (const one of all(".problems, .error, .doubt")) one.remove();
    for (const one of all("[aria-invalid]")) {
      one.removeAttribute("aria-invalid");
      one.classList.remove("input-bad");
      const described = (one.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => document.getElementById(id));
      one.setAttribute("aria-describedby", described.join(" "));
    }
    document.getElementById("preview").replaceChildren();
  }

  function clear() {
    forgive();
    const blank = document.getElementById("blank-row").content.cloneNode(true);
    put({ title: "", body: "", tags: "", rows: [...blank.children], side: [], ticked: [], sure: [], slot: "", stamp: "" });
    for (const one of all("[data-once]")) one.remove();
    unsent.begin();
    title.dispatchEvent(new Event("input")); // those who watch the title alone: its advice, the side
    changed.delete(form);
    title.focus();
  }

  // ——— sending ———
  async function send(taken) {
    await unsent.settled();
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: taken.data, headers: { "HX-Request": "true" } });
      if (answer.status === 200) return written(await answer.text());
    } catch {
      answer = null;
    }
    if (answer?.status === 422) return putRight(taken);
    // Neither those words nor the ones that were typed meanwhile are lost.
    if (hasWords()) waiting.push(take());
    put(taken);
    changed.add(form);
    tell(form.dataset.unsent);
  }

  function written(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    alert.replaceChildren(...page.querySelector("[data-said]").childNodes);
    page.querySelector("[data-said]").remove();
    document.getElementById("written").replaceChildren(...page.body.childNodes);
    if (waiting.length && !hasWords()) put(waiting.pop());
  }

  // The page of a refusal says beside each field what to do; words typed since wait as a draft.
  async function putRight(taken) {
    if (hasWords()) {
      unsent.later();
      await unsent.save();
    }
    put(taken);
    unsent.leave();
    changed.delete(form);
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: taken.data.get("do") }));
    form.submit();
  }

  function tell(text) {
    const line = document.createElement("p");
    line.className = "error";
    line.textContent = text;
    alert.replaceChildren(line);
  }

  if ("quick" in form.dataset) {
    form.addEventListener("submit", (event) => {
      if (event.submitter?.name !== "do" || !/^(publish|draft)$/.test(event.submitter.value)) return;
      event.preventDefault();
      const taken = take(event.submitter);
      clear();
      underway = underway.then(() => send(taken));
    }, { capture: true });
  }

  // ——— what is like it ———
  const count = document.getElementById("similar-said");
  let timer = 0;
  let asking = null;

  async function look() {
    asking?.abort();
    asking = new AbortController();
    const asked = new FormData();
    for (const name of ["csrf_token", "kind", "title", "study"]) asked.set(name, form.elements[name]?.value ?? "");
    for (const one of all("input[name=bears]:checked")) asked.append("bears", one.value);
    try {
      const answer = await fetch(side.dataset.source, { method: "POST", body: asked, signal: asking.signal });
      if (!answer.ok || answer.redirected) return;
      side.innerHTML = await answer.text();
      const said = side.querySelector("[data-count]")?.dataset.count ?? "";
      if (count.textContent !== said) count.textContent = said;
    } catch {
      // An older question, or no connection: the side stays as it is.
    }
  }

  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_AFTER);
  });
  if (title.value) look();

  // ——— the bar ———
  const bar = document.getElementById("kept");
  if (!bar) return;
  const part = (name) => bar.querySelector(`[data-kept=${name}]`);

  function show() {
    const { study, who } = form.elements;
    const code = who?.value.trim() ?? "";
    const known = [...(who?.list?.options ?? [])].find((one) => one.value === code);
    const asked = [...bar.querySelectorAll("input[name=question]:checked")];
    part("study").textContent = study.selectedOptions[0].textContent;
    const segment = known && known.label !== code ? `, ${known.label}` : "";
    part("who").textContent = code;
    part("segment").textContent = code ? segment : part("segment").dataset.none;
    part("question").textContent = asked.map((one) => one.nextElementSibling.textContent).join("; ") || part("question").dataset.none;
  }

  bar.addEventListener("input", show);
  bar.addEventListener("change", show);
  document.addEventListener("htmx:after:swap", (event) => event.target.id === "context" && show());
  // Once a study is chosen and a claim begun, the bar is one line again.
  title.addEventListener("input", () => {
    if (title.value && form.elements.study.value) bar.open = false;
  });
})();
