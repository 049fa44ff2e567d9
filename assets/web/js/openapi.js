/** Shows the server's own description of its HTTP interface. */

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const byId = (id) => document.getElementById(id);

/** @returns {HTMLElement} with text or elements in it */
function make(tag, content = "", className = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...[content].flat());
  return element;
}

/** A schema's type in a few characters; names link to where they are described. */
function typeOf(schema) {
  if (!schema) return "anything";
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    const link = make("a", name);
    link.href = `#schema-${name}`;
    return link;
  }
  const several = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (several) return make("span", several.flatMap((one, index) => (index > 0 ? [" or ", typeOf(one)] : [typeOf(one)])));
  if (schema.type === "array") return make("span", ["list of ", typeOf(schema.items)]);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const type = [schema.type ?? "anything"].flat().join(" or ");
  return schema.format ? `${type} (${schema.format})` : type;
}

function table(rows) {
  const body = make("tbody", rows.map(([head, ...cells]) => {
    const name = make("th", head);
    name.scope = "row";
    return make("tr", [name, ...cells.map((cell) => make("td", cell))]);
  }));
  const box = make("div", make("table", body), "scroll");
  box.tabIndex = 0;
  return box;
}

function contents(content = {}) {
  return Object.entries(content).map(([type, { schema }]) => [type, typeOf(schema)]);
}

function operation(path, method, it) {
  const article = make("article", make("h2", [make("span", method.toUpperCase(), `method ${method}`), path]));
  for (const text of [it.summary, it.description]) if (text) article.append(make("p", text));
  if (it.parameters?.length) {
    article.append(make("h3", "Parameters"), table(it.parameters.map((one) => [`${one.name} (${one.in})`, typeOf(one.schema), one.description ?? ""])));
  }
  const body = contents(it.requestBody?.content);
  if (body.length > 0) article.append(make("h3", "Body"), table(body));
  const answers = Object.entries(it.responses ?? {}).map(([code, one]) => {
    const types = contents(one.content).map(([type, schema]) => make("div", [`${type}: `, schema]));
    return [code, one.description ?? "", types];
  });
  if (answers.length > 0) article.append(make("h3", "Answers"), table(answers));
  return article;
}

function described([name, schema]) {
  const article = make("article", make("h2", name));
  article.id = `schema-${name}`;
  if (schema.description) article.append(make("p", schema.description));
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length > 0) {
    article.append(table(fields.map(([field, it]) => [schema.required?.includes(field) ? field : `${field}?`, typeOf(it), it.description ?? ""])));
  } else {
    article.append(make("p", typeOf(schema)));
  }
  return article;
}

try {
  const response = await fetch("/openapi.json");
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  const api = await response.json();
  byId("title").textContent = `${api.info.title} API ${api.info.version}`;
  byId("description").textContent = api.info.description ?? "";
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const method of METHODS) if (methods[method]) byId("operations").append(operation(path, method, methods[method]));
  }
  const schemas = Object.entries(api.components?.schemas ?? {});
  byId("schemas-title").hidden = schemas.length === 0;
  byId("schemas").append(...schemas.map(described));
} catch (error) {
  byId("trouble").textContent = `The description cannot be shown: ${error instanceof Error ? error.message : error}.`;
  byId("trouble").hidden = false;
}
