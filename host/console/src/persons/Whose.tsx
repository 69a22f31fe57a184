/** Whose data a guardian looks at: their own, or those of a child. Said plainly above everything, so that the two are never mixed up. */
import { Alert, Radio } from 'antd'
import type { Ward } from '../api/types'
import { dateTime } from '../ui/time'

interface Props {
  wards: Ward[]
  /** The link of the child; none for oneself. */
  chosen?: string
  onChoose: (link?: string) => void
}

/** The end of a link is a day: midnight of a birthday. */
const day = (at: string) => dateTime(at).slice(0, 10)

export function Whose({ wards, chosen, onChoose }: Props) {
  const child = wards.find(({ link }) => link === chosen)
  return (
    <div className="stack no-print">
      <Radio.Group
        aria-label="查看谁的资料"
        optionType="button"
        buttonStyle="solid"
        value={chosen ?? ''}
        onChange={(event) => onChoose((event.target.value as string) || undefined)}
        options={[{ value: '', label: '我自己' }, ...wards.map(({ link, name }) => ({ value: link, label: `未成年人 ${name}` }))]}
      />
      {child && (
        <Alert
          type="info"
          showIcon
          title={`您正以监护人（${child.relation}）的身份查看 ${child.name} 的资料`}
          description={`每次查看都会记录，本人以后也能查到。${day(child.until)} 起由本人自己办理，监护关联自动结束。`}
        />
      )}
    </div>
  )
}
