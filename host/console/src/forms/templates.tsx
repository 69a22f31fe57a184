/** How a declared form looks: sections, columns, labels above, errors below, and lists of rows made for the keyboard. */
import { CopyOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  DescriptionFieldProps,
  ErrorListProps,
  FieldErrorProps,
  FieldHelpProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
} from '@rjsf/utils'
import { Button, Tooltip } from 'antd'
import { useEffect, useRef } from 'react'
import type { FormSection } from '../api/types'
import { isWide, sections } from './layout'
import { asSchema, hasType, type Schema } from './schema'

/** What the form hands to its templates. */
export interface FormContext {
  layout: FormSection[]
  /** What stands beside a top-level field, such as where its value comes from. */
  notes?: Record<string, string>
}

export const FIELDS = 'input:not([type="hidden"]):not([disabled]), textarea:not([disabled]), [tabindex="0"]'

function isContainer(schema: Schema): boolean {
  return hasType(schema, 'object') || (hasType(schema, 'array') && !schema.items?.oneOf && !schema.items?.enum)
}

export function FieldTemplate({ id, label, required, displayLabel, schema, rawErrors, rawDescription, children, hidden }: FieldTemplateProps) {
  const known = schema as Schema
  if (hidden) return <div hidden>{children}</div>
  const errors = rawErrors?.length ? (
    <div id={`${id}__error`} role="alert" className="field-error">
      {rawErrors.join('；')}
    </div>
  ) : null
  if (isContainer(known))
    return (
      <div className="field-container">
        {children}
        {errors}
      </div>
    )
  const shown = displayLabel || hasType(known, 'boolean')
  return (
    <div className={rawErrors?.length ? 'field field-wrong' : 'field'}>
      {shown && (
        <label htmlFor={id}>
          {label}
          {required && (
            <span className="must" title="必填">
              *
            </span>
          )}
        </label>
      )}
      {children}
      {(rawDescription ?? known.description) && (
        <div id={`${id}__help`} className="field-help">
          {rawDescription ?? known.description}
        </div>
      )}
      {errors}
    </div>
  )
}

function cellClass(schema: Schema): string {
  return `field-cell${isWide(schema) ? ' field-wide' : ''}${isContainer(schema) ? ' field-rows' : ''}`
}

function Fields({ names, cols, props }: { names: string[]; cols: number | 'fit'; props: ObjectFieldTemplateProps }) {
  const byName = new Map(props.properties.map((property) => [property.name, property]))
  const schema = props.schema as Schema
  const top = props.fieldPathId.path.length === 0
  const { notes } = props.registry.formContext as FormContext
  return (
    <div className={`fields fields-${cols}`}>
      {names.map((name) => {
        const property = byName.get(name)
        if (!property || property.hidden) return property?.content ?? null
        return (
          <div key={name} className={cellClass(asSchema(schema.properties?.[name]))}>
            {property.content}
            {top && notes?.[name] && <div className="field-help field-source">{notes[name]}</div>}
          </div>
        )
      })}
    </div>
  )
}

export function ObjectFieldTemplate(props: ObjectFieldTemplateProps) {
  const names = props.properties.map((property) => property.name)
  if (props.fieldPathId.path.length === 0) {
    const { layout } = props.registry.formContext as FormContext
    return (
      <>
        {sections(layout, names).map((section) => (
          <fieldset key={section.title} className="form-section">
            {section.title && <legend>{section.title}</legend>}
            <Fields names={section.fields} cols={section.cols} props={props} />
          </fieldset>
        ))}
      </>
    )
  }
  const inRow = typeof props.fieldPathId.path[props.fieldPathId.path.length - 1] === 'number'
  if (inRow) return <Fields names={names} cols="fit" props={props} />
  return (
    <fieldset className="form-group">
      <legend>
        {props.title}
        {props.required && <span className="must">*</span>}
      </legend>
      <Fields names={names} cols="fit" props={props} />
    </fieldset>
  )
}

/** Rows: Alt+Enter adds one and goes to its first field, so that hands stay on the keyboard. */
export function ArrayFieldTemplate(props: ArrayFieldTemplateProps) {
  const box = useRef<HTMLFieldSetElement>(null)
  const before = useRef(props.items.length)
  const added = useRef(false)
  const schema = props.schema as Schema

  useEffect(() => {
    if (props.items.length > before.current && added.current) {
      const rows = box.current?.querySelectorAll<HTMLElement>(':scope > .rows > .row')
      rows?.item(rows.length - 1)?.querySelector<HTMLElement>(FIELDS)?.focus()
    }
    added.current = false
    before.current = props.items.length
  }, [props.items.length])

  const add = () => {
    added.current = true
    props.onAddClick()
  }
  const canAdd = props.canAdd && !props.disabled && !props.readonly && (schema.maxItems === undefined || props.items.length < schema.maxItems)
  return (
    <fieldset
      ref={box}
      className="form-rows"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.altKey && canAdd) {
          event.preventDefault()
          event.stopPropagation()
          add()
        }
      }}
    >
      <legend>
        {props.title}
        {props.required && <span className="must">*</span>}
        <span className="rows-count">{props.items.length} 项</span>
      </legend>
      {schema.description && <div className="field-help">{schema.description}</div>}
      <div className="rows">{props.items}</div>
      {props.items.length === 0 && <p className="dim rows-none">还没有填写</p>}
      {canAdd && (
        <Button size="small" icon={<PlusOutlined />} onClick={add}>
          增加一项 <kbd>Alt+Enter</kbd>
        </Button>
      )}
    </fieldset>
  )
}

export function ArrayFieldItemTemplate({ children, index, buttonsProps }: ArrayFieldItemTemplateProps) {
  return (
    <div className="row" role="group" aria-label={`第 ${index + 1} 项`}>
      <span className="row-number">{index + 1}</span>
      <div className="row-body">{children}</div>
      <div className="row-buttons">
        {buttonsProps.hasCopy && (
          <Tooltip title="照此再加一项">
            <Button type="text" size="small" icon={<CopyOutlined />} aria-label={`照第 ${index + 1} 项再加一项`} onClick={buttonsProps.onCopyItem} />
          </Tooltip>
        )}
        {buttonsProps.hasRemove && (
          <Tooltip title="删去此项">
            <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`删去第 ${index + 1} 项`} onClick={buttonsProps.onRemoveItem} />
          </Tooltip>
        )}
      </div>
    </div>
  )
}

function PlainText({ description }: DescriptionFieldProps) {
  return <>{typeof description === 'string' ? description : null}</>
}

function Nothing(_props: FieldErrorProps | FieldHelpProps | ErrorListProps) {
  return null
}

export const templates = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  DescriptionFieldTemplate: PlainText,
  ArrayFieldDescriptionTemplate: PlainText as never,
  FieldErrorTemplate: Nothing,
  FieldHelpTemplate: Nothing,
  ErrorListTemplate: Nothing,
}
