/**
 * rjsf's validator over @cfworker/json-schema, which interprets. The usual one compiles schemas with `new Function`,
 * which our content security policy forbids: it then validates nothing and says nothing.
 */
import { format, type OutputUnit, Validator } from '@cfworker/json-schema'
import {
  createErrorHandler,
  type CustomValidator,
  type ErrorTransformer,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  type UiSchema,
  unwrapErrorHandler,
  type ValidationData,
  validationDataMerge,
  type ValidatorType,
} from '@rjsf/utils'
import type { Json } from '../api/types'
import { FORMATS } from './formats'
import { sentence } from './messages'
import { type Schema, schemaAt } from './schema'

Object.assign(format, FORMATS)

/** Units that only say that something below them failed. */
const WRAPPERS = new Set(['properties', 'items', 'allOf', 'anyOf', 'if', '$ref', 'prefixItems', 'dependentSchemas'])

/** The steps of a JSON pointer, with or without a leading `#`. */
export function pointerSteps(pointer: string): string[] {
  return pointer
    .replace(/^#/, '')
    .split('/')
    .slice(1)
    .map((step) => decode(step).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decode(step: string): string {
  try {
    return decodeURI(step)
  } catch {
    return step
  }
}

/** rjsf's way to name a place: `.rows.0.name`, quoted where a name needs it. */
function property(steps: string[]): string {
  return steps.map((step) => (/^[\w-]+$/.test(step) ? `.${step}` : `['${step}']`)).join('')
}

function valueAt(data: unknown, steps: string[]): unknown {
  let here: unknown = data
  for (const step of steps) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string, unknown>)[step]
  }
  return here
}

function toError(unit: OutputUnit, root: Schema, data: unknown): RJSFValidationError | null {
  // Which option failed is noise; that none fits is said once, by the oneOf itself.
  if (WRAPPERS.has(unit.keyword) || /\/(oneOf|anyOf|not)\/\d+/.test(unit.keywordLocation) || /\/if(\/|$)/.test(unit.keywordLocation.replace(/\/then.*|\/else.*/, ''))) return null
  const steps = pointerSteps(unit.instanceLocation)
  let params: Record<string, Json> = {}
  if (unit.keyword === 'required') {
    const missing = /"(.*)"\.$/.exec(unit.error)?.[1]
    if (missing !== undefined) {
      steps.push(missing)
      params = { missingProperty: missing }
    }
  }
  const schema = schemaAt(root, steps)
  const message = sentence(unit.keyword, schema, steps[steps.length - 1] ?? '', valueAt(data, steps))
  return { name: unit.keyword, message, params, property: property(steps), schemaPath: unit.keywordLocation, stack: message }
}

const validators = new WeakMap<object, Validator>()

function validatorFor(schema: object): Validator {
  let made = validators.get(schema)
  if (!made) {
    made = new Validator(schema, '2020-12', false)
    validators.set(schema, made)
  }
  return made
}

/** JSON has no `undefined`; a cleared field is an absent one. */
function withoutUndefined(data: unknown): unknown {
  return data === undefined ? {} : (JSON.parse(JSON.stringify(data)) as unknown)
}

/** All that is wrong with some data, in Chinese, each at its place and at most once. */
export function validate(schema: Schema, data: unknown): RJSFValidationError[] {
  const clean = withoutUndefined(data)
  const errors = validatorFor(schema)
    .validate(clean)
    .errors.flatMap((unit) => toError(unit, schema, clean) ?? [])
  const seen = new Set<string>()
  return errors.filter((error) => {
    const key = `${error.property}|${error.message}`
    return !seen.has(key) && seen.add(key)
  })
}

class InterpretingValidator<T, F extends object> implements ValidatorType<T, RJSFSchema, F> {
  rawValidation<Result>(schema: RJSFSchema, formData?: T): { errors?: Result[] } {
    return { errors: validate(schema as Schema, formData) as Result[] }
  }

  validateFormData(
    formData: T | undefined,
    schema: RJSFSchema,
    customValidate?: CustomValidator<T, RJSFSchema, F>,
    transformErrors?: ErrorTransformer<T, RJSFSchema, F>,
    uiSchema?: UiSchema<T, RJSFSchema, F>,
  ): ValidationData<T> {
    let errors = validate(schema as Schema, formData)
    if (transformErrors) errors = transformErrors(errors, uiSchema)
    const found: ValidationData<T> = { errors, errorSchema: toErrorSchema<T>(errors) }
    if (!customValidate) return found
    const custom = customValidate(formData, createErrorHandler<T>((formData ?? {}) as T), uiSchema, found.errorSchema)
    return validationDataMerge<T>(found, unwrapErrorHandler<T>(custom))
  }

  isValid(schema: RJSFSchema, formData: T | undefined, rootSchema: RJSFSchema): boolean {
    const withDefs = { $defs: rootSchema.$defs, definitions: rootSchema.definitions, ...schema }
    return new Validator(JSON.parse(JSON.stringify(withDefs)) as object, '2020-12', true).validate(withoutUndefined(formData)).valid
  }
}

/** The validator that the form uses. */
export const validator = new InterpretingValidator<Record<string, unknown>, object>()
