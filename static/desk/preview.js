/* Looking at a page in another tab leaves the form as it is: the theme shall go on warning whoever
   leaves without saving, so it does not hear of this. */

document.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget === "_blank") event.stopPropagation();
}, true);
