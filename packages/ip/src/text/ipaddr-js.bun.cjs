// Bun, and executables that it compiles, load this module on demand: a program that parses only canonical text does not
// need it.
exports.ipaddrJs = () => require('ipaddr.js');
