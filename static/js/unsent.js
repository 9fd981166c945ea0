// Words that are typed and not sent are kept on the server, under a name of this window: a reload or a
// sign-in elsewhere brings them back. Two windows with the same draft never write over each other.
"use strict";
const unsent = (() => {
  const EVERY = 2000;
  const AGAIN = 10_000;
  const form = document.querySelector("form[data-keep]");
  if (!form) return null;
  const { slot, stamp } = form.elements;
  const told = form.querySelector("[data-kept-said]");
  let timer = 0;
  let isDirty = false;
  let isLeaving = false;
  let underway = Promise.resolve();
  let isBusy = false;

  const say = (text) => {
    if (told.textContent !== text) told.textContent = text;
  };

  function later(wait = EVERY) {
    isDirty = true;
    timer ||= setTimeout(save, wait);
  }

  function save(isLast = false) {
    clearTimeout(timer);
    timer = 0;
    if (!isDirty) return underway;
    isDirty = false;
    const data = new FormData(form);
    // A file is kept when it is sent, not while somebody types.
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    isBusy = true;
    underway = underway.then(() => send(data, isLast)).finally(() => (isBusy = false));
    return underway;
  }

  async function send(data, isLast) {
    const isOfThis = () => data.get("slot") === slot.value;
    if (isOfThis()) data.set("stamp", stamp.value);
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: data, keepalive: isLast });
      // What is no answer of ours (signed out, a page of a proxy) breaks here.
      const kept = await answer.json();
      if (answer.status === 409) return apart();
      if (!isOfThis()) return;
      stamp.value = kept.stamp;
      say(kept.said);
      if (!answer.ok) return;
      if (!isDirty) changed.delete(form); // nothing is lost when the window closes
      if (kept.stamp) remember();
      else forget();
    } catch {
      if (!isOfThis()) return;
      say(form.dataset.lost);
      later(AGAIN);
    }
  }

  // A reload asks for the same draft.
  function remember() {
    const address = new URL(location.href);
    address.searchParams.set("slot", slot.value);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  function begin() {
    slot.value = [...crypto.getRandomValues(new Uint8Array(8))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    stamp.value = "";
    isDirty = false;
    clearTimeout(timer);
    timer = 0;
    say("");
    forget();
  }

  // The same study without the draft: what was asked for at first holds no longer.
  function forget() {
    const address = new URL(location.href);
    for (const name of ["slot", "question"]) address.searchParams.delete(name);
    if (form.elements.study?.value) address.searchParams.set("study", form.elements.study.value);
    history.replaceState(history.state, "", address);
  }

  function apart() {
    begin();
    isDirty = true;
    say(form.dataset.apart);
    later(0);
  }

  form.addEventListener("input", () => later());
  form.addEventListener("change", () => later());
  // What is on its way may not arrive after the form, or it would come back as unsent.
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    timer = 0;
    isLeaving = true;
    if (!isBusy) return;
    event.preventDefault();
    underway.then(() => form.requestSubmit(event.submitter));
  });
  addEventListener("pageshow", () => (isLeaving = false));
  addEventListener("pagehide", () => isLeaving || save(true));
  document.addEventListener("visibilitychange", () => document.hidden && !isLeaving && save(true));

  return {
    begin,
    later,
    save,
    settled: () => underway,
    leave: () => (isLeaving = true),
  };
})();
