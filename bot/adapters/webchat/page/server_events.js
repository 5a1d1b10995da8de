/** Reads the text of a server-sent-events stream; EventSource itself cannot send the Authorization header. */

export class ServerEvents {
  #rest = "";
  #data = [];

  /** The data of the events that are complete with this piece; comments and ids are left out. */
  push(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/); // a \r at the very end may be half of a \r\n
    this.#rest = lines.pop();
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line) {
    if (line.startsWith("data:")) this.#data.push(line.slice(5).replace(/^ /, ""));
    if (line !== "" || this.#data.length === 0) return [];
    const data = this.#data.join("\n");
    this.#data = [];
    return [data];
  }
}
