/* Small comforts on top of pages that work without them. */
(function () {
  "use strict";
  const $$ = (css, root) => Array.from((root || document).querySelectorAll(css));
  const live = () => document.getElementById("live");
  const say = (text) => { const box = live(); if (box && text) { box.textContent = ""; setTimeout(() => { box.textContent = text; }, 50); } };
  const typing = (node) => node.closest("input, textarea, select, [contenteditable=true]");

  /* theme */
  function themes() {
    let pick = "auto";
    try { pick = localStorage.getItem("theme") || "auto"; } catch (e) { /* closed storage */ }
    $$("[data-themes]").forEach((box) => { box.hidden = false; });
    $$("[data-theme-set]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeSet === pick)));
  }

  /* rows and the bulk bar */
  function bulk(form) {
    const bar = form.querySelector("[data-bulk-bar]");
    if (!bar) return;
    const boxes = $$("tbody input[type=checkbox][name='" + bar.dataset.bulkBar + "']", form);
    const on = boxes.filter((box) => box.checked);
    const count = bar.querySelector("[data-bulk-count]");
    if (!count.dataset.idle) count.dataset.idle = count.textContent;
    count.textContent = on.length ? count.dataset.words.replace("{n}", on.length) : count.dataset.idle;
    bar.classList.toggle("bulk-on", on.length > 0);
    boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
    const all = form.querySelector("[data-select-all]");
    if (all) { all.checked = on.length > 0 && on.length === boxes.length; all.indeterminate = on.length > 0 && on.length < boxes.length; }
  }

  /* forms: what has not been saved */
  const dirty = new Set();
  window.addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });
  document.addEventListener("submit", (event) => dirty.delete(event.target));

  /* autosave: <form data-autosave="url"> posts its fields two seconds after the last change */
  const timers = new WeakMap();
  function autosave(form) {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(async () => {
      const note = form.querySelector("[data-autosave-note]");
      const box = live();
      const show = (text) => { if (note) note.textContent = text; say(text); };
      try {
        const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, credentials: "same-origin" });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        dirty.delete(form);
        show(box.dataset.saved + " " + new Date().toTimeString().slice(0, 5));
      } catch (error) { show(box.dataset.failed); }
    }, 2000));
  }

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form) return;
    if (form.hasAttribute("data-confirm-leave") || form.dataset.autosave) dirty.add(form);
    if (form.dataset.autosave) autosave(form);
  });
  document.addEventListener("change", (event) => {
    const node = event.target, form = node.form;
    if (node.matches("[data-select-all]")) $$("tbody input[type=checkbox][name='" + node.dataset.selectAll + "']", form).forEach((box) => { box.checked = node.checked; });
    if (form && node.type === "checkbox") bulk(form);
    if (form && node.matches("[data-submit-on-change]")) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const node = event.target;
    const theme = node.closest("[data-theme-set]");
    if (theme) {
      try { localStorage.setItem("theme", theme.dataset.themeSet); } catch (e) { /* closed storage */ }
      document.dispatchEvent(new Event("theme:change"));
      themes();
    }
    if (node.closest("[data-print]")) window.print();
    $$("details[data-menu][open], details.why[open]").forEach((menu) => { if (!menu.contains(node)) menu.open = false; });
  });

  /* keys: Ctrl-K to search, Esc closes a menu, J and K walk the rows of the table in focus */
  function walk(event, step) {
    const rows = $$("tbody tr", event.target.closest("table")).filter((row) => row.querySelector("a.row-link, th a"));
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    event.preventDefault();
    next.querySelector("a.row-link, th a").focus();
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    if (event.key === "Escape") {
      $$("details[data-menu][open], details.why[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.documentElement.dataset.shortcuts === "off" || !event.target.closest("table[data-rows]")) return;
    if (event.key === "j") walk(event, 1);
    if (event.key === "k") walk(event, -1);
  });

  /* htmx: say what happened, keep the focus, mark what is busy */
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target && event.detail.target.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target && event.detail.target.removeAttribute("aria-busy"));
  document.addEventListener("announce", (event) => say(event.detail && (event.detail.value || event.detail.text)));
  document.addEventListener("htmx:responseError", () => say(live().dataset.failed));
  document.addEventListener("htmx:sendError", () => say(live().dataset.failed));
  document.addEventListener("htmx:afterSwap", (event) => ready(event.detail.target));

  function ready(root) {
    const summary = (root || document).querySelector(".error-summary[autofocus]");
    if (summary) summary.focus();
    $$("[data-print]", root).forEach((button) => { button.hidden = false; });
    $$("form", root).forEach(bulk);
    $$(".tabs a[aria-current]", root).forEach((tab) => { tab.closest(".tabs").scrollLeft = tab.offsetLeft - 60; });
  }
  themes();
  ready(document);
})();
