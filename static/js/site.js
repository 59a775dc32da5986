/* Enhancements only: every page works without this file. */
(() => {
  "use strict";

  /* A form is sent once: its buttons rest until the page is shown again. */
  const setBusy = (form, busy) => {
    for (const button of form.elements) {
      if (button.type !== "submit") continue;
      button.disabled = busy;
      button.setAttribute("aria-busy", String(busy));
    }
  };
  document.addEventListener("submit", ({ target: form, defaultPrevented }) => {
    if (defaultPrevented || form.method !== "post") return;
    form.dataset.sent = "";
    setTimeout(() => setBusy(form, true)); // after the browser has read the pressed button's value
  });
  /* What a form agrees to may have changed since Back's page was kept: ask for it again. */
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && document.querySelector("input[name=agreed]")) location.reload();
    for (const form of document.querySelectorAll("form[data-sent]")) setBusy(form, false);
  });

  /* Popover dialogs become modal: focus stays inside, the page behind is inert. */
  for (const dialog of document.querySelectorAll("dialog[popover]")) {
    dialog.removeAttribute("popover");
    for (const button of document.querySelectorAll(`[popovertarget="${dialog.id}"]`)) {
      const hides = button.getAttribute("popovertargetaction") === "hide";
      button.addEventListener("click", () => (hides ? dialog.close() : dialog.showModal()));
    }
  }

  for (const button of document.querySelectorAll("[data-dismiss]")) {
    button.hidden = false;
    button.addEventListener("click", () => button.closest(".toast").remove());
  }

  /* An open menu closes on Escape and on a click elsewhere. */
  const openMenus = () => document.querySelectorAll(".nav__menu[open]");
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of openMenus()) {
      const hadFocus = menu.contains(document.activeElement);
      menu.open = false;
      if (hadFocus) menu.querySelector("summary").focus();
    }
  });

  /* What htmx fetches: say that it comes, keep the focus that was inside, say when it did not come. */
  const mark = (busy) => ({ detail }) => detail.target.setAttribute("aria-busy", String(busy));
  document.addEventListener("htmx:beforeRequest", mark(true));
  document.addEventListener("htmx:afterRequest", mark(false));
  const focused = new WeakSet(); // requests whose target had the focus, at the start or before the swap
  const note = ({ detail }) => {
    if (detail.target.contains(document.activeElement)) focused.add(detail.xhr);
  };
  document.addEventListener("htmx:beforeRequest", note);
  document.addEventListener("htmx:beforeSwap", note);
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    if (focused.has(detail.xhr) && document.activeElement === document.body) target.focus({ preventScroll: true });
  });
  const sayFailure = ({ detail }) => {
    const toasts = document.getElementById("toasts");
    if (detail.requestConfig.triggeringEvent?.type !== "submit" && detail.requestConfig.verb === "get") return;
    const toast = document.createElement("p");
    toast.className = "alert alert--error toast";
    toast.textContent = toasts.dataset.failure;
    toasts.replaceChildren(toast);
  };
  document.addEventListener("htmx:responseError", sayFailure);
  document.addEventListener("htmx:sendError", sayFailure);

  /* The device's own time zone is offered first where one is chosen. */
  for (const select of document.querySelectorAll("select[data-this-device]")) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const option = [...select.options].find(({ value }) => value === zone);
    if (option) select.options[0].after(new Option(`${select.dataset.thisDevice}: ${option.text}`, zone));
  }

  document.querySelector("[data-focus]")?.focus();
})();
