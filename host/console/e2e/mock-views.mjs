/** Views over the sample data: one of each shape. */
const VIEWS = [
  {
    name: 'due', title: '待现场核实的客房', on: 'none', shape: 'table',
    columns: [{ field: 'name', title: '客房' }, { field: 'why', title: '为什么要去看' }, { field: 'on', title: '最近核对' }],
    rows: [{ id: 'ent-2', name: '示例民宿 201 室', why: '未安装独立式烟感报警器；疏散通道堆放杂物', on: '2026-11-22' }, { id: 'ent-3', name: '示例民宿 203 室', why: '设施只有申报，没有现场看过', on: '2026-11-02' }],
  },
  {
    name: 'stages', title: '安全隐患到了哪个环节', on: 'none', shape: 'chart',
    columns: [{ field: 'stage', title: '环节' }, { field: 'count', title: '处' }],
    rows: [{ stage: '排查', count: 39 }, { stage: '列入清单', count: 12 }, { stage: '处置', count: null }],
  },
  {
    name: 'open', title: '在办事项', on: 'none', shape: 'figures',
    columns: [{ field: 'what', title: '事项' }, { field: 'count', title: '件' }],
    rows: [{ what: '在办的强制报告', count: 3 }, { what: '在办的单独入住事项', count: 9 }],
  },
  {
    name: 'stays', title: '住宿登记', on: 'entity:homestay.room', shape: 'card',
    columns: [{ field: 'at', title: '入住' }, { field: 'guests', title: '人数' }],
    rows: [{ id: 'ent-5', at: '2026-11-23 20:14', guests: 2 }],
  },
]

const offer = ({ name, title, on, shape }) => ({ pack: 'homestay', pack_title: '民宿治安管理', name, title, on, shape })

/** The views about a record, or those about none. */
export const offers = (about) => VIEWS.filter(({ on }) => (on !== 'none') === about).map(offer)

/** One view with its rows. */
export const drawn = (name) => {
  const found = VIEWS.find((view) => view.name === name)
  return found && { ...offer(found), at: new Date().toISOString(), columns: found.columns, rows: found.rows }
}
