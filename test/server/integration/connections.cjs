/** Loaded into each process and worker of a server: writes down every connection and every look-up of a host. */
const { appendFileSync } = require('node:fs');
const dns = require('node:dns');
const net = require('node:net');
const dgram = require('node:dgram');

const note = (what) => appendFileSync(process.env.SLIPSTREAM_TEST_CONNECTIONS, `${what}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  // Pipes and sockets of this machine have a path in place of a port.
  if (options?.path === undefined) note(`connect ${options?.port ?? options}`);
  return connect.apply(this, args);
};

for (const owner of [dns, dns.promises])
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
    const original = owner[name];
    owner[name] = function (...args) {
      // Servers that listen on an address of this machine look that up, too.
      if (!net.isIP(args[0])) note(`${name} ${args[0]}`);
      return original.apply(this, args);
    };
  }

const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) {
  note('datagram');
  return send.apply(this, args);
};
