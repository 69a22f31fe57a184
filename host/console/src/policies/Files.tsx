/** A policy set's files, to be read and searched. */
import { DownloadOutlined } from '@ant-design/icons'
import { Button, Empty, Tabs } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { PolicyFile } from '../api/types'
import { SearchBox } from '../ui/SearchBox'
import { linesWith, saveFile } from './words'

/** A line with what was sought marked in it. */
function Marked({ line, sought }: { line: string; sought: string }) {
  const parts = []
  const [lower, wanted] = [line.toLowerCase(), sought.trim().toLowerCase()]
  let from = 0
  for (let at = lower.indexOf(wanted); wanted !== '' && at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(line.slice(from, at), <mark key={at}>{line.slice(at, at + wanted.length)}</mark>)
    from = at + wanted.length
  }
  return (
    <>
      {parts}
      {line.slice(from)}
    </>
  )
}

function Text({ file, sought }: { file: PolicyFile; sought: string }) {
  const box = useRef<HTMLOListElement>(null)
  useEffect(() => {
    box.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
  }, [file.name, sought])
  return (
    <ol className="policy-text" ref={box} tabIndex={0} aria-label={file.name}>
      {file.text.replace(/\n$/, '').split('\n').map((line, index) => (
        // biome-ignore lint: lines have no other name than their number
        <li key={index} className={line.trimStart().startsWith('//') ? 'policy-comment' : undefined}>
          <code>
            <Marked line={line} sought={sought} />
          </code>
        </li>
      ))}
    </ol>
  )
}

export function Files({ files }: { files: PolicyFile[] }) {
  const [sought, setSought] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const hits = new Map(files.map((file) => [file.name, linesWith(file.text, sought).length]))
  const found = files.filter(({ name }) => (hits.get(name) ?? 0) > 0)
  const active = files.find(({ name }) => name === chosen && (sought === '' || found.length === 0 || (hits.get(name) ?? 0) > 0)) ?? (sought ? found[0] : undefined) ?? files[0]
  if (!active) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有文件" />
  return (
    <div className="stack">
      <div className="side-by-side">
        <SearchBox value={sought} placeholder="在策略文件中查找" onSearch={(text) => setSought(text ?? '')} />
        <span className="dim" role="status">
          {sought && (found.length > 0 ? `${found.length} 个文件，${[...hits.values()].reduce((sum, hit) => sum + hit, 0)} 行` : `没有文件写到“${sought}”`)}
        </span>
      </div>
      <Tabs
        size="small"
        activeKey={active.name}
        onChange={setChosen}
        tabBarExtraContent={
          <Button size="small" icon={<DownloadOutlined />} onClick={() => saveFile(active)}>
            下载 {active.name}
          </Button>
        }
        items={files.map((file) => ({
          key: file.name,
          label: (
            <>
              <span className="code">{file.name}</span>
              {sought && <span className="dim"> {hits.get(file.name)}</span>}
            </>
          ),
          children: <Text file={file} sought={sought} />,
        }))}
      />
    </div>
  )
}
