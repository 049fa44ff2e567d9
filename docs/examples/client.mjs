// Streams pictures to a LiveDance server and prints what it sees. Usage: node client.mjs URL PICTURE...
//
// Browsers and Node 22 have WebSocket built in; older Node takes it from `npm install ws`. LIVEDANCE_TOKEN holds the server's
// token, if any: it goes as a subprotocol, since browsers set no headers on a websocket.
import { readFile } from "node:fs/promises";

const Socket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const [url, ...pictures] = process.argv.slice(2);
const token = process.env.LIVEDANCE_TOKEN;
const socket = new Socket(`${url}/v1/stream?format=json`, ["livedance.v1", ...(token ? [`bearer.${token}`] : [])]);
const send = (message) => socket.send(JSON.stringify(message));

let sequence = -1;
async function sendNext() {
  sequence += 1;
  if (sequence === pictures.length) return socket.close(1000);
  const image = (await readFile(pictures[sequence])).toString("base64");
  send({ type: "frame", sequence, captured_at_us: Math.round(performance.now() * 1000), image });
}

socket.onopen = () => send({ type: "configure", people: 1, ordering: "sequence" });
socket.onclose = ({ code, reason }) => code !== 1000 && console.log(`closed: ${code} ${reason}`);
socket.onerror = ({ message }) => console.error(message ?? "the connection failed");
socket.onmessage = async ({ data }) => {
  const answer = JSON.parse(data);
  if (answer.type === "configured") console.log("server:", answer.server, answer.model);
  if (answer.type === "error") console.log(`${pictures[answer.sequence]}: ${answer.code}: ${answer.message}`);
  for (const { id, landmarks, angles } of answer.type === "pose" ? answer.people : []) {
    const [x, y] = landmarks[0];
    console.log(`${pictures[answer.sequence]}: person ${id}, nose at ${x.toFixed(0)}, ${y.toFixed(0)} px, left elbow ${angles.left_elbow} degrees`);
  }
  await sendNext();
};
