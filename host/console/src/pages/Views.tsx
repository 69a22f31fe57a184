import { useQuery } from '@tanstack/react-query'
import { Empty } from 'antd'
import { viewsQuery } from '../api/queries'
import { Loaded } from '../ui/Panel'
import { ViewPanel } from '../ui/View'

/** What the packs show of all records together, figures first: they say where to look. */
export function Views() {
  const views = useQuery(viewsQuery)
  return (
    <div className="page">
      <h1 className="page-title">统计清单</h1>
      <Loaded query={views}>
        {(list) =>
          list.length === 0 ? (
            <Empty description="已启用的插件没有提供统计和清单" />
          ) : (
            <div className="views">
              {[...list].sort((a, b) => Number(a.shape === 'table') - Number(b.shape === 'table')).map((view) => (
                <ViewPanel key={`${view.pack}/${view.name}`} view={view} />
              ))}
            </div>
          )
        }
      </Loaded>
    </div>
  )
}
