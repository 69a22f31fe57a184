/** The host's inputs. A pack names a type, an option list or a format; it brings no input of its own. */
import { useQuery } from '@tanstack/react-query'
import type { WidgetProps } from '@rjsf/utils'
import { Checkbox, DatePicker, Input, InputNumber, Radio, Select } from 'antd'
import dayjs from 'dayjs'
import { useDeferredValue, useState } from 'react'
import { api, call } from '../api/client'
import type { Json } from '../api/types'
import { kindTitle } from '../ui/words'
import { FORMATS } from './formats'
import { isLongText, isChoiceList } from './layout'
import type { Schema } from './schema'

/** Choices up to this number are all shown; more go into a list that can be searched. */
const SHOWN_CHOICES = 5

interface Described {
  id: string
  required?: boolean
  rawErrors?: string[]
}

function described({ id, required, rawErrors }: Described) {
  const wrong = (rawErrors?.length ?? 0) > 0
  return {
    id,
    status: wrong ? ('error' as const) : ('' as const),
    'aria-required': required ?? false,
    'aria-invalid': wrong,
    'aria-describedby': `${id}__error ${id}__help`,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function TextWidget(props: WidgetProps) {
  const schema = props.schema as Schema
  const common = {
    ...described(props),
    value: textOf(props.value),
    disabled: props.disabled ?? props.readonly,
    onBlur: () => props.onBlur(props.id, props.value),
  }
  if (isLongText(schema))
    return <Input.TextArea {...common} autoSize={{ minRows: 2, maxRows: 8 }} onChange={(event) => props.onChange(event.target.value || undefined)} />
  return <Input {...common} autoComplete="off" onChange={(event) => props.onChange(event.target.value || undefined)} />
}

/** Codes and numbers: capital letters, no blanks, and an early hint when a whole one is wrong. */
function codeWidget(format: string, full: number, inputMode: 'text' | 'tel') {
  const check = FORMATS[format]
  return function CodeWidget(props: WidgetProps) {
    const value = textOf(props.value)
    const common = described(props)
    const wrong = value.length >= full && check !== undefined && !check(value)
    return (
      <Input
        {...common}
        status={wrong ? 'error' : common.status}
        autoComplete="off"
        className="code"
        inputMode={inputMode}
        spellCheck={false}
        value={value}
        disabled={props.disabled ?? props.readonly}
        suffix={value.length > 0 && full > 8 ? <span className="count">{value.length}</span> : <span />}
        onBlur={() => props.onBlur(props.id, props.value)}
        onChange={(event) => props.onChange(event.target.value.replaceAll(/\s/g, '').toUpperCase() || undefined)}
      />
    )
  }
}

function NumberWidget(props: WidgetProps) {
  const schema = props.schema as Schema
  return (
    <InputNumber
      {...described(props)}
      className="full"
      controls={false}
      value={typeof props.value === 'number' ? props.value : null}
      min={schema.minimum}
      precision={schema.type === 'integer' ? 0 : undefined}
      suffix={schema.format === 'money' ? '元' : undefined}
      disabled={props.disabled ?? props.readonly}
      onBlur={() => props.onBlur(props.id, props.value)}
      onChange={(value) => props.onChange(value ?? undefined)}
    />
  )
}

function TextOrNumberWidget(props: WidgetProps) {
  const type = (props.schema as Schema).type
  const numeric = [type].flat().some((name) => name === 'number' || name === 'integer')
  return numeric ? <NumberWidget {...props} /> : <TextWidget {...props} />
}

interface Option {
  value: Json
  label: string
}

function optionsOf(props: WidgetProps): Option[] {
  return (props.options.enumOptions ?? []) as unknown as Option[]
}

function ChoiceWidget(props: WidgetProps) {
  const options = optionsOf(props)
  const common = described(props)
  const disabled = props.disabled ?? props.readonly
  if (isChoiceList(props.schema as Schema) || props.multiple) {
    const value = Array.isArray(props.value) ? (props.value as Json[]) : []
    if (options.length <= SHOWN_CHOICES * 2)
      return <Checkbox.Group value={value as string[]} disabled={disabled} options={options as { value: string; label: string }[]} onChange={(next) => props.onChange(next)} />
    return (
      <Select
        {...common}
        className="full"
        mode="multiple"
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        disabled={disabled}
        value={value as string[]}
        options={options as { value: string; label: string }[]}
        onChange={(next: string[]) => props.onChange(next)}
      />
    )
  }
  if (options.length <= SHOWN_CHOICES && options.reduce((length, option) => length + option.label.length, 0) <= 24)
    return (
      <Radio.Group
        id={props.id}
        className="choices"
        aria-required={props.required}
        value={props.value as string}
        disabled={disabled}
        options={options as { value: string; label: string }[]}
        onChange={(event) => props.onChange(event.target.value)}
      />
    )
  return (
    <Select
      {...common}
      className="full"
      showSearch={{ optionFilterProp: 'label' }}
      allowClear={!props.required}
      disabled={disabled}
      placeholder="请选择，可输入文字查找"
      value={(props.value as string | undefined) ?? null}
      options={options as { value: string; label: string }[]}
      onChange={(next: string | null) => props.onChange(next ?? undefined)}
    />
  )
}

/** A yes or no that somebody must really answer: nothing is chosen beforehand. */
function YesNoWidget(props: WidgetProps) {
  const declared = props.schema.oneOf ? optionsOf(props) : []
  const words = (value: boolean) => declared.find((option) => option.value === value)?.label ?? (value ? '是' : '否')
  return (
    <Radio.Group
      id={props.id}
      className="choices"
      aria-required={props.required}
      value={props.value as boolean | undefined}
      disabled={props.disabled ?? props.readonly}
      options={[
        { value: true, label: words(true) },
        { value: false, label: words(false) },
      ]}
      onChange={(event) => props.onChange(event.target.value)}
    />
  )
}

/** What clerks type: with or without separators. */
const TIME_FORMATS = ['YYYY-MM-DD HH:mm', 'YYYYMMDD HHmm', 'YYYYMMDDHHmm', 'YYYY-M-D H:m', 'YYYY/M/D H:m', 'YYYY-MM-DD']
const DATE_FORMATS = ['YYYY-MM-DD', 'YYYYMMDD', 'YYYY-M-D', 'YYYY/M/D']

function DateTimeWidget(props: WidgetProps) {
  return (
    <DatePicker
      {...described(props)}
      className="full"
      showTime={{ format: 'HH:mm' }}
      needConfirm={false}
      format={TIME_FORMATS}
      placeholder="年-月-日 时:分"
      disabled={props.disabled ?? props.readonly}
      value={typeof props.value === 'string' ? dayjs(props.value) : null}
      onChange={(value) => props.onChange(value?.second(0).format() ?? undefined)}
    />
  )
}

function DateWidget(props: WidgetProps) {
  return (
    <DatePicker
      {...described(props)}
      className="full"
      format={DATE_FORMATS}
      placeholder="年-月-日"
      disabled={props.disabled ?? props.readonly}
      value={typeof props.value === 'string' ? dayjs(props.value) : null}
      onChange={(value) => props.onChange(value?.format('YYYY-MM-DD') ?? undefined)}
    />
  )
}

/** Picks a record by what it is called; what is kept is its id. */
function refWidget(kind: 'person' | 'place' | 'organisation' | 'entity' | 'case') {
  return function RefWidget(props: WidgetProps) {
    const [typed, setTyped] = useState('')
    const q = useDeferredValue(typed)
    const found = useQuery({
      queryKey: ['pick', kind, q],
      queryFn: async () => {
        if (kind === 'case') {
          const page = await call(api.GET('/api/v1/cases', { params: { query: { q: q || undefined, limit: 20 } } }))
          return page.items.map((item) => ({ value: item.id, label: `${item.title}（${item.code}）` }))
        }
        const page = await call(api.GET('/api/v1/entities', { params: { query: { q: q || undefined, kind: kind === 'entity' ? undefined : kind, limit: 20 } } }))
        return page.items.map((item) => ({ value: item.id, label: `${item.name}（${kindTitle(item.kind)}，${item.division_name}）` }))
      },
    })
    return (
      <Select
        {...described(props)}
        className="full"
        showSearch={{ filterOption: false, onSearch: setTyped }}
        allowClear
        loading={found.isFetching}
        placeholder="输入名称查找"
        notFoundContent={found.isFetching ? '正在查找…' : '没有找到，请换个名称，或先登记'}
        disabled={props.disabled ?? props.readonly}
        value={(props.value as string | undefined) ?? null}
        options={found.data ?? []}
        onChange={(next: string | null) => props.onChange(next ?? undefined)}
      />
    )
  }
}

/** Picks a division by name; what is kept is its code, which nobody knows by heart. */
function DivisionWidget(props: WidgetProps) {
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed)
  const found = useQuery({
    queryKey: ['divisions', q],
    queryFn: () => call(api.GET('/api/v1/divisions', { params: { query: { q: q || undefined } } })),
    staleTime: 300_000,
  })
  return (
    <Select
      {...described(props)}
      className="full"
      showSearch={{ filterOption: false, onSearch: setTyped }}
      allowClear
      loading={found.isFetching}
      placeholder="输入区县、镇街名称查找"
      notFoundContent={found.isFetching ? '正在查找…' : '没有找到，请换个名称'}
      disabled={props.disabled ?? props.readonly}
      value={(props.value as string | undefined) ?? null}
      options={found.data?.map(({ code, name }) => ({ value: code, label: name })) ?? []}
      onChange={(next: string | null) => props.onChange(next ?? undefined)}
    />
  )
}

function NotYetWidget(props: WidgetProps) {
  return <Input id={props.id} disabled value="" placeholder="本版尚不能上传附件，请在说明中注明留存处" />
}

/** Every widget that rjsf may ask for by name, and every format of the host. */
export const widgets = {
  TextWidget: TextOrNumberWidget,
  TextareaWidget: TextWidget,
  UpDownWidget: NumberWidget,
  RangeWidget: NumberWidget,
  SelectWidget: ChoiceWidget,
  RadioWidget: ChoiceWidget,
  CheckboxesWidget: ChoiceWidget,
  CheckboxWidget: YesNoWidget,
  DateWidget,
  DateTimeWidget,
  AltDateWidget: DateWidget,
  AltDateTimeWidget: DateTimeWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  PasswordWidget: TextWidget,
  ColorWidget: TextWidget,
  HiddenWidget: TextWidget,
  TimeWidget: TextWidget,
  FileWidget: NotYetWidget,
  date: DateWidget,
  'date-time': DateTimeWidget,
  'id-cn': codeWidget('id-cn', 18, 'text'),
  uscc: codeWidget('uscc', 18, 'text'),
  'phone-cn': codeWidget('phone-cn', 11, 'tel'),
  'plate-cn': codeWidget('plate-cn', 7, 'text'),
  'geo-point': TextWidget,
  'geo-polygon': TextWidget,
  money: NumberWidget,
  division: DivisionWidget,
  'ent-ref': refWidget('entity'),
  'person-ref': refWidget('person'),
  'place-ref': refWidget('place'),
  'case-ref': refWidget('case'),
  file: NotYetWidget,
  image: NotYetWidget,
  sign: NotYetWidget,
}
