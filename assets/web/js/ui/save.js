/**
 * Hands a file to the user.
 * @param {object} value what it holds, as JSON
 * @param {string} name
 */
export function saveJson(value, name) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers begin to read only after this task.
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
