// data-alt-texts="id" holds one field for each file chosen in the input with that id, in their order.
document.addEventListener("change", (event) => {
  const input = event.target;
  const box = input.id && document.querySelector(`[data-alt-texts="${CSS.escape(input.id)}"]`);
  if (!box) return;
  const files = [...input.files];
  const fields = [...box.children];
  for (const field of fields.slice(Math.max(1, files.length))) field.remove();
  files.forEach((file, number) => name(box.children[number] ?? another(box, number), file));
});

function another(box, number) {
  const field = box.firstElementChild.cloneNode(true);
  const text = field.querySelector("textarea");
  text.id = `alt-${number}`;
  text.value = "";
  field.querySelector("label").htmlFor = text.id;
  box.append(field);
  return field;
}

function name(field, file) {
  field.querySelector("label").textContent = `Alternative text of ${file.name}`;
}
