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

/** An action on a record starts from that record: this leads to the list of those that it fits. */
function Where({ action }: { action: ActionDeclaration }) {
  const [kind, name] = action.on.split(':')
  if (kind === 'case')
    return (
      <Link to="/cases" search={{ matter: name }}>
        从案件办理
      </Link>
    )
  if (kind === 'risk')
    return (
      <Link to="/risks" search={{ type: name }}>
        从风险办理
      </Link>
    )
  return (
    <Link to="/entities" search={{ facet: name }}>
      从档案办理
    </Link>
  )
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
                    （<Where action={action} />）
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
