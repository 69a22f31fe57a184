/** What may be done here now. What may not be done is shown as well, with why not. */
import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { ActionOffer, StageMove } from '../api/types'
import { Panel } from './Panel'

interface OfferProps {
  title: string
  allowed: boolean
  whyNot: string | null | undefined
  onClick: () => void
  primary?: boolean
}

export function Offer({ title, allowed, whyNot, onClick, primary }: OfferProps) {
  return (
    <div className="offer">
      <Button block disabled={!allowed} type={primary ? 'primary' : 'default'} onClick={onClick}>
        {title}
      </Button>
      {!allowed && <p className="offer-why">{whyNot ?? '现在不能办理'}</p>}
    </div>
  )
}

interface ActionsProps {
  actions: ActionOffer[]
  subject: string
}

export function ActionsPanel({ actions, subject }: ActionsProps) {
  const navigate = useNavigate()
  return (
    <Panel title="可以办理">
      {actions.length === 0 && <p className="dim">没有可以在此办理的业务</p>}
      {[...actions].sort((a, b) => Number(b.allowed) - Number(a.allowed)).map((action) => (
        <Offer
          key={`${action.pack}/${action.name}`}
          title={action.title}
          allowed={action.allowed}
          whyNot={action.why_not}
          onClick={() => void navigate({ to: '/actions/$pack/$action', params: { pack: action.pack, action: action.name }, search: { subject } })}
        />
      ))}
    </Panel>
  )
}

export function MovesPanel({ moves, onMove, children }: { moves: StageMove[]; onMove: (move: StageMove) => void; children?: ReactNode }) {
  return (
    <Panel title="流转到">
      {moves.length === 0 && !children && <p className="dim">此环节之后没有可以流转的环节</p>}
      {[...moves].sort((a, b) => Number(b.allowed) - Number(a.allowed)).map((move) => (
        <Offer key={move.stage} title={move.title} allowed={move.allowed} whyNot={move.why_not} onClick={() => onMove(move)} />
      ))}
      {children}
    </Panel>
  )
}
