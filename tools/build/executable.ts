// node tools/build/executable.ts SOURCE OUTFILE
import { compile } from './compile.ts';

const [source, outfile] = process.argv.slice(2);
if (!source || !outfile) throw new Error('usage: executable.ts SOURCE OUTFILE');

compile(source, outfile);
