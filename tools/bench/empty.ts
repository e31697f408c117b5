// The program that does nothing: what a compiled program takes before its first line.
export {};
