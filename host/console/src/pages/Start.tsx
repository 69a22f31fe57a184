import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import { interfaceQuery } from '../api/queries'
import type { ActionDeclaration, Interface } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'

/** Whether an action starts something, rather than working on a record. */
export function startsSomething(action: Pick<ActionDeclaration, 'on'>): boolean {
  return action.on === 'none' || action.on === 'nothing' || action.on === ''
}

function where(action: ActionDeclaration): string {
  const kind = action.on.split(':')[0]
  return kind === 'case' ? '在案件页办理' : kind === 'risk' ? '在风险页办理' : '在实体档案页办理'
}

function Business({ declared }: { declared: Interface }) {
  if (declared.actions.length === 0) return <Empty description="您的岗位目前没有可以登记的业务，请联系管理员" />
  return (
    <div className="businesses">
      {declared.packs.map((pack) => {
        const actions = declared.actions.filter((action) => action.pack === pack.name)
        if (actions.length === 0) return null
        const starting = actions.filter(startsSomething)
        const others = actions.filter((action) => !startsSomething(action))
        return (
          <Panel key={pack.name} title={pack.title} extra={<span className="dim">版本 {pack.version}，{pack.effective_from} 起施行</span>}>
            <ul className="starts">
              {starting.map((action) => (
                <li key={action.name}>
                  <Link to="/actions/$pack/$action" params={{ pack: action.pack, action: action.name }}>
                    {action.title}
                  </Link>
                  <span className="dim">{action.article}</span>
                </li>
              ))}
            </ul>
            {others.length > 0 && (
              <p className="starts-others">
                {others.map((action) => (
                  <span key={action.name}>
                    {action.title}
                    <span className="dim">（{where(action)}）</span>
                  </span>
                ))}
              </p>
            )}
          </Panel>
        )
      })}
    </div>
  )
}

export function Start() {
  const declared = useQuery(interfaceQuery)
  return (
    <div className="page">
      <h1 className="page-title">登记办理</h1>
      <Loaded query={declared}>{(data) => <Business declared={data} />}</Loaded>
    </div>
  )
}
