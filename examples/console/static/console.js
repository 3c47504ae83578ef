// What the pages do better with a script. All of them work without it.
"use strict";

// A form that was sent isn't sent again. The server would see that it is the same request; this only spares the wait.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // a page from before may have an old state
});

// A table whose rows are blocks on a narrow screen stays a table for those who listen to it.
const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };
const keepTables = (within) => {
  for (const part of within.querySelectorAll("table, thead, tbody, tfoot, tr, td, th")) {
    part.setAttribute("role", roles[part.tagName] || (part.scope === "row" ? "rowheader" : "columnheader"));
  }
};
keepTables(document);

// Sliders beside the numbers.
for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  const field = document.getElementById(slider.dataset.for);
  const number = (text) => Number(text.replace(/[,\s]/g, "")) || 0;
  slider.hidden = false;
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toLocaleString("en-US");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", (event) => {
    if (event.isTrusted) slider.value = number(field.value);
  });
}

// A field that belongs to a choice chooses it as it is filled in, and is sent only with it.
for (const field of document.querySelectorAll("[data-chooses]")) {
  const choice = document.getElementById(field.dataset.chooses);
  const { name, form } = field;
  const follow = () => (choice.checked ? field.setAttribute("name", name) : field.removeAttribute("name"));
  field.addEventListener("input", () => {
    choice.checked = true;
    follow();
  });
  form.addEventListener("change", follow);
  form.addEventListener("submit", follow);
}

// A message about a field goes away once the field is mended.
for (const field of document.querySelectorAll("[data-mend]")) {
  field.addEventListener("input", () => {
    document.getElementById(field.getAttribute("aria-describedby"))?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}

// A choice shows its price at once: the page is asked for again with the choices, and its live parts replaced.
for (const form of document.querySelectorAll("form[data-live-form]")) {
  const update = form.querySelector("[data-update]");
  const address = (update?.getAttribute("formaction") || form.action).split("?")[0];
  if (update) update.hidden = true;
  let asked = 0;
  let timer = 0;
  const refresh = async () => {
    const mine = ++asked;
    const query = new URLSearchParams(new FormData(form));
    const answer = await fetch(address + "?" + query, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    for (const notice of document.querySelectorAll("main > .notice.bad")) notice.remove(); // about what has changed
    const focused = document.activeElement && document.activeElement.id;
    for (const part of form.querySelectorAll("[data-live]")) {
      const next = page.getElementById(part.id);
      if (!next) continue;
      keepTables(next);
      if (next.innerHTML === part.innerHTML) continue;
      const open = part.querySelector("details[open]") !== null;
      part.replaceChildren(...next.childNodes);
      if (open) for (const d of part.querySelectorAll("details")) d.open = true;
    }
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
    form.dataset.fresh = String(mine);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 200);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

// An order that waits for its payment looks whether it has come.
if (document.querySelector("[data-poll]")) {
  const look = async () => {
    if (!document.hidden) {
      const answer = await fetch(location.pathname).catch(() => null);
      if (answer && answer.ok && !(await answer.text()).includes("data-poll")) {
        location.replace(location.pathname);
        return;
      }
    }
    setTimeout(look, 3000);
  };
  setTimeout(look, 3000);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
