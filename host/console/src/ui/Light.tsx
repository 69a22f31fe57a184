/** A clock's light: always colour, word and icon together, so that no one depends on colour. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  ExclamationCircleFilled,
  FieldTimeOutlined,
  MinusCircleOutlined,
  PauseCircleOutlined,
  ThunderboltFilled,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Light, LightState } from '../api/types'
import { dateTime } from './time'
import { LIGHTS } from './words'

const ICONS: Record<LightState, ReactNode> = {
  immediate: <ThunderboltFilled />,
  overdue: <ExclamationCircleFilled />,
  soon: <FieldTimeOutlined />,
  normal: <ClockCircleOutlined />,
  paused: <PauseCircleOutlined />,
  stopped: <CheckCircleOutlined />,
  none: <MinusCircleOutlined />,
}

/** How urgent a light is: smaller comes first. */
export function urgency(state: LightState): number {
  return (['overdue', 'immediate', 'soon', 'normal', 'paused', 'none', 'stopped'] as LightState[]).indexOf(state)
}

/** The word and the remaining or passed time, without saying the word twice. */
export function lightWords(light: Light): { word: string; rest: string } {
  const word = LIGHTS[light.state] ?? light.state
  const rest = light.text.startsWith(word) ? light.text.slice(word.length).replace(/^[，,：:\s]+/, '') : light.text
  return { word, rest }
}

/** A light in a narrow column: the time stands below the word; where there is no clock, nothing asks for attention. */
export function LightCell({ light }: { light: Light }) {
  if (light.state === 'none') return <span className="dim">无时限</span>
  return (
    <span className="light-cell">
      <LightTag light={light} />
    </span>
  )
}

export function LightTag({ light, full = false }: { light: Light; full?: boolean }) {
  const { word, rest } = lightWords(light)
  return (
    <span className={`light light-${light.state}`} title={light.due ? `${light.text}，至 ${dateTime(light.due)}` : light.text}>
      <span className="light-chip">
        {ICONS[light.state]}
        <b>{word}</b>
      </span>
      {rest && <span className="light-rest">{rest}</span>}
      {full && light.due && <span className="light-rest">至 {dateTime(light.due)}</span>}
    </span>
  )
}
