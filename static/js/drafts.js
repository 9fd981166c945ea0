// All drafts of a page are ticked by one box.
"use strict";
(() => {
  const label = document.querySelector("[data-tick-all]");
  if (!label) return;
  const all = label.querySelector("input");
  const boxes = [...document.querySelectorAll("input[name=draft][type=checkbox]")];
  const look = () => {
    const count = boxes.filter((one) => one.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  label.hidden = false;
  all.addEventListener("change", () => {
    for (const one of boxes) one.checked = all.checked;
  });
  for (const one of boxes) one.addEventListener("change", look);
  look();
})();
