/** Puts the server's refusals back onto the fields that they are about. */
import type { ErrorSchema } from '@rjsf/utils'
import type { ProblemItem } from '../api/problem'
import { hasType, type Schema, schemaAt } from './schema'
import { pointerSteps } from './validator'

/** Refusals that found their field, and those that did not. */
export interface Mapped {
  fields: ErrorSchema
  rest: ProblemItem[]
}

/** Where a refusal points: a JSON pointer into the request or into the answers, or a bare field name. */
export function problemSteps(at: string, schema: Schema): string[] {
  const steps = at.startsWith('/') || at.startsWith('#') ? pointerSteps(at) : at.replaceAll(/\[(\d+)\]/g, '.$1').split('.').filter(Boolean)
  return steps[0] === 'answers' && Object.keys(schemaAt(schema, ['answers'])).length === 0 ? steps.slice(1) : steps
}

/** A refusal as a sentence under its field. */
export function problemSentence({ found, expected }: ProblemItem): string {
  if (!expected) return found
  return found ? `${found}，应为${expected}` : `应为${expected}`
}

/** Maps problems onto a form. A refusal of a row as a whole stands at the row. */
export function mapProblems(problems: ProblemItem[], schema: Schema): Mapped {
  const fields: Record<string, unknown> = {}
  const rest: ProblemItem[] = []
  for (const problem of problems) {
    const steps = known(problemSteps(problem.at, schema), schema)
    if (steps.length === 0) {
      rest.push(problem)
      continue
    }
    let here = fields
    for (const step of steps) {
      here[step] ??= {}
      here = here[step] as Record<string, unknown>
    }
    here.__errors = [...((here.__errors as string[] | undefined) ?? []), problemSentence(problem)]
  }
  return { fields: fields as Mapped['fields'], rest }
}

/** The longest part of a path that the form really shows. */
function known(steps: string[], schema: Schema): string[] {
  let length = 0
  for (let end = 1; end <= steps.length; end += 1) {
    const parent = schemaAt(schema, steps.slice(0, end - 1))
    const exists = hasType(parent, 'array') ? /^\d+$/.test(steps[end - 1] ?? '') : Object.keys(schemaAt(schema, steps.slice(0, end))).length > 0
    if (!exists) break
    length = end
  }
  return steps.slice(0, length)
}
