/** A form that a pack declared, drawn by the host from data alone. */
import { withTheme } from '@rjsf/core'
import type { ErrorSchema, RJSFSchema } from '@rjsf/utils'
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import type { FormSection, JsonObject } from '../api/types'
import { asSchema } from './schema'
import { FIELDS, type FormContext, templates } from './templates'
import { validator } from './validator'
import { widgets } from './widgets'

const Form = withTheme<Record<string, unknown>, RJSFSchema, FormContext>({ templates, widgets } as never)

/** Rows can be copied; their order carries no meaning. What a pack says about drawing is never read. */
const UI_SCHEMA = { 'ui:globalOptions': { copyable: true, orderable: false }, 'ui:submitButtonOptions': { norender: true } }
/**
 * rjsf must fill in nothing by itself: it would answer a required yes-or-no with "no" and choose the first option, and an
 * official record would hold an answer that nobody gave. What may stand ready is in {@link startingData}.
 */
export const DEFAULTS = { emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' }, constAsDefaults: 'never' } as const

interface PluginFormProps {
  schema: unknown
  layout: FormSection[]
  data: JsonObject
  disabled?: boolean
  /** What the server refused, by field. */
  refused?: ErrorSchema
  /** What stands beside a field, by its name. */
  notes?: Record<string, string>
  onChange: (data: JsonObject) => void
  onSubmit: (data: JsonObject) => void
  children: ReactNode
}

/** Goes to the first field that is wrong. */
export function focusFirstWrong(box: RefObject<HTMLElement | null>): void {
  requestAnimationFrame(() => {
    const wrong = box.current?.querySelector<HTMLElement>('.field-wrong')
    wrong?.scrollIntoView({ block: 'center' })
    wrong?.querySelector<HTMLElement>(FIELDS)?.focus({ preventScroll: true })
  })
}

export function PluginForm({ schema, layout, data, disabled, refused, notes, onChange, onSubmit, children }: PluginFormProps) {
  const known = useMemo(() => asSchema(schema) as RJSFSchema, [schema])
  const context = useMemo<FormContext>(() => ({ layout, notes }), [layout, notes])
  const [tried, setTried] = useState(false)
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (refused && Object.keys(refused).length > 0) focusFirstWrong(box)
  }, [refused])

  return (
    <div
      ref={box}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          box.current?.querySelector('form')?.requestSubmit()
        } else if (event.key === 'Enter' && !event.altKey && event.target instanceof HTMLInputElement) {
          // A lone Enter in a field must not file anything.
          event.preventDefault()
        }
      }}
    >
      <Form
        className="plugin-form"
        schema={known}
        uiSchema={UI_SCHEMA}
        formContext={context}
        formData={data}
        validator={validator as never}
        disabled={disabled ?? false}
        noHtml5Validate
        showErrorList={false}
        focusOnFirstError={false}
        liveValidate={tried ? 'onChange' : undefined}
        experimental_defaultFormStateBehavior={DEFAULTS}
        extraErrors={refused as never}
        onChange={({ formData }) => onChange((formData ?? {}) as JsonObject)}
        onError={() => {
          setTried(true)
          focusFirstWrong(box)
        }}
        onSubmit={({ formData }) => onSubmit((formData ?? {}) as JsonObject)}
      >
        {children as never}
      </Form>
    </div>
  )
}
