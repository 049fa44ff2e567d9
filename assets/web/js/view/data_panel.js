/** People, joint angles and coordinates, as numbers. */

import { ANGLE_NAMES, POSE_NAMES, readableName } from "../protocol/anatomy.js";
import { number } from "./figures.js";

const UPDATE_EVERY_MS = 120;

export class DataPanel {
  #people;
  #angles;
  #coordinates;
  #choice;
  #angleRows;
  #coordinateRows;
  #shownAt = -Infinity;
  #chosen = null;
  #peopleKey = "";

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.people where the number of people is told
   * @param {HTMLSelectElement} parts.choice of the person whose figures are shown
   * @param {HTMLElement} parts.angles table body
   * @param {HTMLElement} parts.coordinates table body
   */
  constructor({ people, choice, angles, coordinates }) {
    this.#people = people;
    this.#choice = choice;
    this.#angles = angles;
    this.#coordinates = coordinates;
    this.#angleRows = ANGLE_NAMES.map((name) => angleRow(angles, readableName(name)));
    this.#coordinateRows = POSE_NAMES.map((name) => coordinateRow(coordinates, readableName(name)));
    choice.addEventListener("change", () => {
      this.#chosen = Number(choice.value);
      this.#shownAt = -Infinity;
    });
  }

  /**
   * @param {import("../protocol/messages.js").Pose | null} pose
   * @param {number} now
   */
  show(pose, now) {
    if (now - this.#shownAt < UPDATE_EVERY_MS || this.#people.offsetParent === null) return;
    this.#shownAt = now;
    const people = pose?.people ?? [];
    this.#listPeople(people);
    const person = people.find(({ id }) => id === this.#chosen) ?? people[0];
    this.#showAngles(person);
    if (this.#coordinates.offsetParent !== null) this.#showCoordinates(person);
  }

  #listPeople(people) {
    const key = people.map(({ id }) => id).join();
    if (key !== this.#peopleKey || this.#people.textContent === "") {
      this.#peopleKey = key;
      this.#people.textContent = people.length === 0 ? "Nobody in view" : people.length === 1 ? "1 person in view" : `${people.length} people in view`;
      this.#choice.replaceChildren(...people.map(({ id }) => new Option(`Person ${id}`, String(id), false, id === this.#chosen)));
      this.#choice.hidden = people.length < 2;
    }
  }

  #showAngles(person) {
    this.#angleRows.forEach(({ meter, value }, index) => {
      const degrees = person?.anglesDeg[index] ?? NaN;
      const known = Number.isFinite(degrees);
      value.textContent = known ? `${number(degrees, 0)}°` : "–";
      meter.value = known ? degrees : 0;
      meter.classList.toggle("unknown", !known);
    });
  }

  #showCoordinates(person) {
    this.#coordinateRows.forEach(({ row, cells }, index) => {
      const at = index * 5;
      const has = person && person.landmarks.length > at;
      const values = has
        ? [person.landmarks[at], person.landmarks[at + 1], ...person.world.subarray(at, at + 3), person.landmarks[at + 3]]
        : [];
      cells.forEach((cell, column) => (cell.textContent = number(values[column] ?? NaN, column < 2 ? 0 : 2)));
      row.classList.toggle("hidden-joint", !has || person.landmarks[at + 3] < 0.5);
    });
  }
}

function heading(row, name) {
  const cell = document.createElement("th");
  cell.scope = "row";
  cell.textContent = name;
  row.append(cell);
}

function angleRow(body, name) {
  const row = body.insertRow();
  heading(row, name);
  const meter = document.createElement("progress");
  meter.max = 180;
  meter.value = 0;
  meter.setAttribute("aria-label", `${name}, of 180 degrees`);
  row.insertCell().append(meter);
  const value = row.insertCell();
  value.textContent = "–";
  return { meter, value };
}

function coordinateRow(body, name) {
  const row = body.insertRow();
  heading(row, name);
  return { row, cells: Array.from({ length: 6 }, () => row.insertCell()) };
}
