// The page around the widget: its search field asks the assistant.

const widget = document.querySelector("firstline-widget");

document.querySelector(".ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.currentTarget.elements.question;
  if (field.value.trim()) widget.ask(field.value.trim());
  field.value = "";
});

// The way here from an article.
if (location.hash === "#ask") widget.open();
