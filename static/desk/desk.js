/* What the theme leaves to the mouse and the eye: landmarks, names, keys, and where the focus is. */
(() => {
  "use strict";
  const CLICKED = ":is(a:not([href]), span, div)[x-on\\:click]";
  const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']";
  const words = () => document.getElementById("desk-words").dataset;

  /* A control that shows nothing but a picture gets a name; a picture beside words is passed over. */
  const nameIcon = (icon) => {
    const control = icon.closest("a, button, label, [role=button]");
    const name = words()[icon.textContent.trim()];
    const isAlone = control?.textContent.trim() === icon.textContent.trim();
    if (isAlone && name && !control.ariaLabel && !control.title) control.ariaLabel = name;
    if (icon !== control && !icon.ariaLabel) icon.ariaHidden = "true";
  };
  const complete = (part) => {
    for (const it of part.querySelectorAll(CLICKED)) {
      if (it.querySelector(STOPS)) continue;
      it.tabIndex = 0;
      it.role = "button";
    }
    part.querySelectorAll(".material-symbols-outlined").forEach(nameIcon);
  };

  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(CLICKED)) return;
    event.preventDefault();
    event.target.click();
  });

  /* What a control opens has the focus next; closing gives it back. */
  const panelOf = (control) => control.closest("header, #header-inner, #nav-sidebar-inner > div:first-child")
    ? document.getElementById("nav-sidebar") : control.parentElement.querySelector(":scope > nav");
  document.addEventListener("click", ({ target }) => {
    const control = target.closest?.(CLICKED);
    const panel = control && panelOf(control);
    if (panel) setTimeout(() => {
      const isOpen = panel.checkVisibility();
      control.ariaExpanded = String(isOpen);
      if (isOpen && !panel.contains(document.activeElement)) panel.querySelector(STOPS)?.focus();
      else if (!control.checkVisibility()) document.querySelector("#header-inner [role=button]")?.focus();
    }, 200);
  });

  /* htmx: whoever stood in what is replaced goes on standing there, and nobody else is moved. */
  let stoodThere = false;
  const note = ({ detail, type }) => {
    stoodThere = detail.target.contains(document.activeElement) || (stoodThere && type === "htmx:beforeSwap");
  };
  document.addEventListener("htmx:beforeRequest", note);
  document.addEventListener("htmx:beforeSwap", note);
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    complete(target);
    if (stoodThere && document.activeElement === document.body) target.focus({ preventScroll: true });
  });

  /* A form that the server would refuse for its size is not sent: all that was typed stays. */
  document.addEventListener("submit", (event) => {
    let bytes = 0;
    for (const value of new FormData(event.target).values()) bytes += value.size ?? 3 * value.length;
    if (bytes <= Number(words().max_bytes)) return;
    event.preventDefault();
    alert(words().too_large);
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("main").role = "main";
    const menu = document.getElementById("nav-sidebar-inner");
    if (menu) menu.ariaLabel = words().menu;
    menu?.querySelector("nav")?.setAttribute("aria-label", words().account);
    for (const it of document.querySelectorAll("[data-simplebar]")) it.dataset.simplebarAriaLabel = words().scroll;
    for (const it of document.querySelectorAll("input[placeholder]:not([aria-label])")) it.ariaLabel = it.placeholder;
    for (const it of document.querySelectorAll("form[role=search]")) it.ariaLabel = words().search;
    complete(document);
    const observer = new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) if (addedNodes.length) complete(target);
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });

  /* What a form agrees to may have changed since Back's page was kept: ask for it again. */
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && document.querySelector("input[name=agreed]")) location.reload();
  });
})();
