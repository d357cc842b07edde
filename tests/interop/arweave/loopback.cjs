// Preloaded into arlocal, which would listen on all interfaces.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (...args) {
  if (typeof args[0] === "number" || typeof args[0] === "string") args[0] = { port: Number(args[0]) };
  if (args[0]?.port !== undefined) {
    args[0] = { ...args[0], host: "127.0.0.1" };
    // The host that the caller gave, if any.
    if (typeof args[1] === "string") args.splice(1, 1);
  }
  return listen.apply(this, args);
};
