// Bun, and what it compiles, loads a module when it is asked for: a program that reads only canonical text needs none.
exports.ipaddrJs = () => require('ipaddr.js');
