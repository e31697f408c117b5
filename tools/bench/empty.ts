// A program that does nothing, to measure the start-up of a compiled program.
export {};
