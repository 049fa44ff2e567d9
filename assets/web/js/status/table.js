/**
 * A table whose rows are changed in place, so that neither focus nor selection is lost, and sorted by any of its columns.
 *
 * @typedef {object} Column
 * @property {string} key of a row's object
 * @property {string} title
 * @property {boolean} [isHead] names the row; sorted by at first
 * @property {boolean} [isNumber] written at the right
 * @property {boolean} [isSortable]
 * @property {number} [digits] after the point
 * @property {(value: any) => string} [text]
 * @property {(cell: HTMLTableCellElement, row: any) => void} [show] instead of text
 */

import { plain } from "./words.js";

export class SortedTable {
  #columns;
  #body;
  #headers;
  #by;
  #descending = false;
  #rows = [];
  #elements = new Map();

  /**
   * @param {HTMLTableElement} table empty
   * @param {string} caption
   * @param {Column[]} columns
   */
  constructor(table, caption, columns) {
    this.#columns = columns;
    this.#by = columns.find((column) => column.isHead);
    table.createCaption().textContent = `${caption}. The buttons in the head sort.`;
    table.caption.className = "visually-hidden";
    const head = table.createTHead().insertRow();
    this.#headers = columns.map((column) => this.#header(head, column));
    this.#body = table.createTBody();
    this.#mark();
  }

  /** @param {{id: number}[]} rows */
  show(rows) {
    this.#rows = rows;
    const sorted = rows.toSorted((a, b) => this.#compare(a, b));
    const seen = new Set(rows.map(({ id }) => id));
    for (const [id, element] of this.#elements) {
      if (seen.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    sorted.forEach((row, index) => {
      const element = this.#element(row.id);
      if (this.#body.rows[index] !== element) this.#body.insertBefore(element, this.#body.rows[index] ?? null);
      this.#columns.forEach((column, place) => fill(element.cells[place], column, row));
    });
  }

  #compare(a, b) {
    const [left, right] = [a[this.#by.key], b[this.#by.key]];
    const order = typeof left === "string" ? left.localeCompare(String(right), undefined, { numeric: true }) : (left ?? -1) - (right ?? -1);
    return (this.#descending ? -order : order) || a.id - b.id;
  }

  #element(id) {
    let element = this.#elements.get(id);
    if (!element) {
      element = document.createElement("tr");
      for (const { isHead, isNumber } of this.#columns) {
        const cell = document.createElement(isHead ? "th" : "td");
        if (isHead) cell.scope = "row";
        if (isNumber) cell.className = "number";
        element.append(cell);
      }
      this.#elements.set(id, element);
    }
    return element;
  }

  #header(row, column) {
    const cell = document.createElement("th");
    cell.scope = "col";
    if (column.isNumber) cell.className = "number";
    if (column.isSortable === false) {
      cell.textContent = column.title;
    } else {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = column.title;
      button.addEventListener("click", () => {
        // Of numbers the greatest are looked for first.
        this.#descending = this.#by === column ? !this.#descending : Boolean(column.isNumber);
        this.#by = column;
        this.#mark();
        this.show(this.#rows);
      });
      cell.append(button);
    }
    row.append(cell);
    return cell;
  }

  #mark() {
    this.#columns.forEach((column, index) => {
      if (column === this.#by) this.#headers[index].setAttribute("aria-sort", this.#descending ? "descending" : "ascending");
      else this.#headers[index].removeAttribute("aria-sort");
    });
  }
}

function fill(cell, column, row) {
  if (column.show) {
    column.show(cell, row);
    return;
  }
  const value = row[column.key];
  let text;
  if (column.text) text = column.text(value);
  else if (typeof value !== "number") text = String(value ?? "–");
  else text = column.digits === undefined ? plain(value) : value.toFixed(column.digits);
  if (cell.textContent !== text) cell.textContent = text;
}
