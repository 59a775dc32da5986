/* A lesson that has just been added opens, ready for its title: the theme adds it folded.
   The theme takes notice of the new row in a microtask, so this waits for the next task. */

document.addEventListener("formset:added", (event) => {
  setTimeout(() => {
    event.target.querySelector("h3")?.click();
    event.target.querySelector("input[type=text]")?.focus();
  });
});
