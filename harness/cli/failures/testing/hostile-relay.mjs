// The reference system behind a path that is wrong:  node hostile-relay.mjs CONFIG HONEST MAIN
// The first HONEST connections are left alone, so that a valid terminal is served; of the others each is harmed in
// turn, in another way, and one in four is left alone.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { pathToFileURL } from "node:url";

const [honest, main] = process.argv.splice(3);
/** Octets behind which a connection is harmed: in the middle of handshakes, headers and bodies. */
const PLACES = [0, 1, 40, 150, 700, 1_200, 1_700, 2_100];
const WAYS = ["reset", "close", "garble", "drip", "fall silent"];

const harms = PLACES.flatMap((after) => WAYS.map((way) => ({ after, way })));
let connections = 0;
const nextHarm = () => {
  const number = connections++ - Number(honest);
  return number < 0 || number % 4 === 3 ? undefined : harms[number % harms.length];
};

/** Passes what the system sends, until the harm begins. */
function pass(chunk, socket, harm) {
  if (harm === undefined || chunk.length <= harm.left) {
    if (harm !== undefined) harm.left -= chunk.length;
    socket.write(chunk);
    return;
  }
  socket.write(chunk.subarray(0, harm.left));
  const rest = chunk.subarray(harm.left);
  harm.left = 0;
  if (harm.way === "reset") socket.resetAndDestroy();
  else if (harm.way === "close") socket.end();
  else if (harm.way === "garble") socket.write(rest.map((octet) => octet ^ 0x55));
  else if (harm.way === "drip") drip(rest, socket);
}

function drip(octets, socket) {
  let next = 0;
  const timer = setInterval(
    () => socket.write(octets.subarray(next % octets.length, (next++ % octets.length) + 1)),
    20,
  );
  socket.once("close", () => clearInterval(timer));
}

async function relayTo(address) {
  const server = createServer((socket) => {
    const chosen = nextHarm();
    const harm = chosen === undefined ? undefined : { ...chosen, left: chosen.after };
    const system = connect(address);
    for (const [one, other] of [
      [socket, system],
      [system, socket],
    ]) {
      one.on("error", () => undefined);
      one.once("close", () => other.destroy());
      one.once("end", () => other.end());
    }
    socket.on("data", (chunk) => system.write(chunk));
    system.on("data", (chunk) => {
      if (!socket.destroyed) pass(chunk, socket, harm);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { host: "127.0.0.1", port: server.address().port };
}

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text) => {
  const announced = JSON.parse(String(text));
  Promise.all(Object.entries(announced.endpoints).map(async ([name, at]) => [name, await relayTo(at)])).then(
    (relayed) => write(`${JSON.stringify({ ...announced, endpoints: Object.fromEntries(relayed) })}\n`),
  );
  return true;
};
await import(pathToFileURL(main).href);
