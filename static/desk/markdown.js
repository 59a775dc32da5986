/* The preview of a Markdown field: the server renders it, as the pages of students will.
   Listens on the document, because lessons are added to the page after it has loaded. */

(() => {
  const csrfToken = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

  const render = async (editor, text) => {
    const response = await fetch(editor.dataset.previewUrl, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken() },
      body: new URLSearchParams({ text }),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.text();
  };

  const show = async (editor, button) => {
    const preview = editor.querySelector(".desk-preview");
    try {
      preview.innerHTML = await render(editor, editor.querySelector("textarea").value);
    } catch {
      preview.textContent = button.dataset.failed;
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".desk-markdown-toggle");
    if (!button) return;
    const editor = button.closest(".desk-markdown");
    const previewing = button.getAttribute("aria-pressed") !== "true";
    if (previewing) await show(editor, button);
    button.setAttribute("aria-pressed", String(previewing));
    editor.querySelector(".desk-preview").hidden = !previewing;
    editor.querySelector("textarea").hidden = previewing;
  });
})();
