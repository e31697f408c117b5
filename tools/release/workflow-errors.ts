// Prints the errors that GitHub's own parser finds in workflows. Runs on Bun, because the parser imports JSON in a way
// that Node refuses.
import { readFileSync } from 'node:fs';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

for (const name of process.argv.slice(2)) {
  const { context, value } = parseWorkflow({ name, content: readFileSync(name, 'utf8') }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  for (const { message } of context.errors.getErrors()) console.log(message);
}
