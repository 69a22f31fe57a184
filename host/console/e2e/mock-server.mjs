/**
 * Serves dist and the API with sample data, so that every screen can be looked at without a host. Names of departments
 * live here and nowhere else in the console. `node e2e/mock-server.mjs [port]`
 */
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packRoutes } from './mock-packs.mjs'
import { drawn, offers } from './mock-views.mjs'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
export const CSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const now = Date.now()
const at = (offset) => new Date(now + offset).toISOString()

const statute = (article) => ({ article, authority: 'statute' })
const policy = (article) => ({ article, authority: 'policy' })

const guestSchema = {
  type: 'object',
  required: ['room', 'check_in', 'guests'],
  properties: {
    room: { type: 'string', title: '房间', format: 'place-ref', description: '已备案的房间' },
    check_in: { type: 'string', format: 'date-time', title: '入住时间' },
    nights: { type: 'integer', title: '预计住几晚', minimum: 1, maximum: 90 },
    channel: { type: 'string', title: '预订方式', oneOf: [{ const: 'platform', title: '平台' }, { const: 'phone', title: '电话' }, { const: 'walk_in', title: '到店' }] },
    guests: {
      type: 'array',
      title: '入住人员',
      description: '每个人都要登记，包括婴幼儿和访客',
      minItems: 1,
      maxItems: 20,
      items: {
        type: 'object',
        required: ['name', 'document', 'number'],
        properties: {
          name: { type: 'string', title: '姓名', minLength: 1, maxLength: 40 },
          document: {
            type: 'string',
            title: '证件种类',
            oneOf: [
              { const: 'resident-id', title: '居民身份证' },
              { const: 'passport', title: '护照' },
              { const: 'hk-macau', title: '港澳居民来往内地通行证' },
              { const: 'taiwan', title: '台湾居民来往大陆通行证' },
              { const: 'residence', title: '港澳台居民居住证' },
              { const: 'other', title: '其他' },
            ],
          },
          number: { type: 'string', title: '证件号码', maxLength: 30 },
          birth: { type: 'string', format: 'date', title: '出生日期' },
          phone: { type: 'string', format: 'phone-cn', title: '电话' },
        },
      },
    },
    with_minor: { type: 'boolean', title: '有未成年人入住' },
    remark: { type: 'string', title: '备注', maxLength: 500 },
  },
  if: { properties: { with_minor: { const: true } }, required: ['with_minor'] },
  then: {
    required: ['guardian_reached', 'relation'],
    properties: {
      guardian_reached: { type: 'boolean', title: '已联系监护人' },
      relation: { type: 'string', title: '同住人与未成年人的关系', maxLength: 60 },
    },
  },
}

const reportSchema = {
  type: 'object',
  required: ['situation', 'found_at', 'description', 'reporter_phone'],
  properties: {
    situation: {
      type: 'string',
      title: '发现的情形',
      oneOf: Array.from({ length: 9 }, (_, index) => ({ const: `s${index + 1}`, title: `第${'一二三四五六七八九'[index]}类应当报告的情形` })),
    },
    found_at: { type: 'string', format: 'date-time', title: '发现时间' },
    place: { type: 'string', format: 'place-ref', title: '发现地点' },
    urgent: { type: 'boolean', title: '正在遭受侵害' },
    description: { type: 'string', title: '情况', minLength: 5, maxLength: 2000 },
    reporter_phone: { type: 'string', format: 'phone-cn', title: '报告人电话' },
    reporter_id: { type: 'string', format: 'id-cn', title: '报告人身份证号' },
  },
}

const roomSchema = {
  type: 'object',
  properties: {
    licence: { type: 'string', title: '经营方式', oneOf: [{ const: 'licence', title: '特种行业许可' }, { const: 'filing', title: '备案' }] },
    beds: { type: 'integer', title: '床位' },
    smoke_alarm: { type: 'boolean', title: '烟感报警' },
    host_phone: { type: 'string', title: '经营者电话' },
    host_id: { type: 'string', title: '经营者证件号' },
    inspected_at: { type: 'string', format: 'date-time', title: '上次检查' },
  },
}

const declared = {
  packs: [
    { name: 'homestay', title: '民宿治安管理', version: '1.0.0', effective_from: '2026-01-01' },
    { name: 'minors', title: '未成年人保护', version: '1.0.0', effective_from: '2026-01-01' },
  ],
  matters: [
    { type: 'homestay.violation', title: '民宿登记违规', substages: { handling: ['现场核查', '责令改正'] }, pack: 'homestay' },
    { type: 'minors.report', title: '强制报告', substages: { handling: ['核实', '干预'] }, pack: 'minors' },
  ],
  risk_types: [{ type: 'homestay.room', title: '客房安全隐患', pack: 'homestay' }],
  actions: [
    { pack: 'homestay', name: 'register', title: '登记入住人员', on: 'none', purpose: { code: 'lodging', title: '住宿登记', ground: '示例办法 第六条' }, article: '示例办法 第六条', form: { schema: guestSchema, layout: [{ section: '住宿', cols: 4, fields: ['room', 'check_in', 'nights', 'channel'] }, { section: '人员', cols: 1, fields: ['guests'] }, { section: '未成年人', cols: 3, fields: ['with_minor', 'guardian_reached', 'relation'] }, { section: '其他', cols: 1, fields: ['remark'] }] } },
    { pack: 'minors', name: 'report', title: '强制报告', on: 'none', purpose: { code: 'protect', title: '保护未成年人', ground: '示例法 第十一条' }, article: '示例法 第十一条', form: { schema: reportSchema, layout: [{ section: '情形', cols: 2, fields: ['situation', 'urgent', 'found_at', 'place', 'description'] }, { section: '报告人', cols: 2, fields: ['reporter_phone', 'reporter_id'] }] } },
    { pack: 'homestay', name: 'inspect', title: '检查房间', on: 'entity:homestay.room', purpose: { code: 'inspect', title: '治安检查', ground: '示例办法 第九条' }, article: '示例办法 第九条', form: { schema: { type: 'object', required: ['smoke_alarm', 'extinguisher'], properties: { smoke_alarm: { type: 'boolean', title: '烟感报警正常' }, extinguisher: { type: 'boolean', title: '灭火器在有效期内' }, points: { type: 'array', title: '其他问题', items: { type: 'string', oneOf: [{ const: 'exit', title: '通道堵塞' }, { const: 'wire', title: '私拉电线' }, { const: 'lock', title: '门锁损坏' }] }, uniqueItems: true } } }, layout: [] } },
    { pack: 'minors', name: 'follow', title: '登记回访', on: 'case:minors.report', purpose: { code: 'protect', title: '保护未成年人', ground: '示例法 第十一条' }, article: '示例法 第十一条', form: { schema: { type: 'object', required: ['result'], properties: { result: { type: 'string', title: '回访情况', maxLength: 800 } } }, layout: [] } },
  ],
  facets: [{ name: 'homestay.room', title: '客房', kind: 'place', schema: roomSchema }],
  views: [],
}

const people = {
  clerk: { person: { id: 'p1', name: '示例甲', login: 'clerk' }, unit: { id: 'u1', name: '示例区综治中心', division: '500199000000' }, roles: ['clerk', 'handler'] },
  auditor: { person: { id: 'p2', name: '示例乙', login: 'auditor' }, unit: { id: 'u2', name: '示例区审计室', division: '500199000000' }, roles: ['auditor'] },
  admin: { person: { id: 'p3', name: '示例丙', login: 'admin' }, unit: { id: 'u1', name: '示例区综治中心', division: '500199000000' }, roles: ['administrator'] },
  security: { person: { id: 'p4', name: '示例丁', login: 'security' }, unit: { id: 'u1', name: '示例区综治中心', division: '500199000000' }, roles: ['security'] },
  coordinator: { person: { id: 'p5', name: '示例己', login: 'coordinator' }, unit: { id: 'u1', name: '示例区综治中心', division: '500199000000' }, roles: ['coordinator'] },
}
for (const person of Object.values(people)) Object.assign(person, { division_name: '示例区', csrf: 'mock-token', centre_name: '示例区社会治安综合治理中心', purposes: [{ code: 'handle', title: '办理案件' }] })

const LIGHTS = [
  { state: 'overdue', text: '已逾期 2 天 4 小时', due: at(-2 * DAY - 4 * HOUR) },
  { state: 'immediate', text: '立即办理，已过 35 分钟', due: null },
  { state: 'soon', text: '剩 3 小时', due: at(3 * HOUR) },
  { state: 'normal', text: '剩 6 个工作日', due: at(8 * DAY) },
  { state: 'paused', text: '已暂停', due: null },
  { state: 'stopped', text: '已停止', due: null },
  { state: 'none', text: '', due: null },
]
const CASE_STAGES = ['registered', 'triaged', 'accepted', 'handling', 'replied', 'reviewed', 'rated', 'archived']
const TITLES = ['未成年人独自入住，未能联系监护人', '客房未登记全部入住人员', '邻里因装修噪声多次争执', '学校报告学生疑似遭受家庭暴力', '短租房夜间聚集扰民']
const STREETS = ['甲街道', '乙街道', '丙镇', '丁镇']

let serial = 0
const cases = []
const risks = []
const entities = []
const decisions = []
const log = []
const note = (actor, action, target, verdict = 'allow', purpose = 'handle 示例办法 第六条') => log.push({ index: log.length, at: new Date().toISOString(), actor, action, verdict, target, purpose })

function clock(light) {
  return {
    id: `clk-${serial}`,
    name: '办理期限',
    light,
    start: at(-5 * DAY),
    amount: 7,
    unit: 'working_day',
    unit_title: '个工作日',
    due: light.due,
    basis: policy('示例区办理规程 第四条'),
    arithmetic: ['2026-11-16 09:12 受理，自次日起算', '7 个工作日：11-17、11-18、11-19、11-20、11-23、11-24、11-25', '中止 1 次，扣除 1 个工作日', '到期 2026-11-26 24:00'],
    pauses: [{ from: at(-3 * DAY), until: at(-2 * DAY), who: '示例甲', reason: '等待当事人补充材料' }],
  }
}

function addCase(light, stage, title, pack = serial % 2 ? 'homestay' : 'minors', extra = {}) {
  serial += 1
  const matter = declared.matters.find((item) => item.pack === pack)
  const item = {
    id: `case-${serial}`,
    code: `AS5001992026${String(serial).padStart(6, '0')}`,
    title,
    matter: matter.type,
    matter_title: matter.title,
    stage,
    substage: stage === 'handling' ? matter.substages.handling[0] : null,
    division: '500199001000',
    division_name: STREETS[serial % 4],
    unit_name: pack === 'minors' ? '示例区民政局' : '示例区公安分局',
    opened_at: at(-serial * 7 * HOUR),
    light,
    version: 3,
    occurred_at: at(-serial * 7 * HOUR - 2 * HOUR),
    parties: [{ entity: 'ent-1', role: '入住人', name: '样例*', kind: 'person' }, { entity: 'ent-2', role: '场所', name: '示例民宿 201 室', kind: 'place' }],
    answers: [{ form: 'register', title: '登记入住人员', schema: guestSchema, data: { room: 'ent-2', check_in: at(-6 * HOUR), nights: 2, channel: 'platform', guests: [{ name: '样例*', document: 'resident-id', number: '999***********001X' }, { name: '样例*', document: 'resident-id', number: '999***********0028', phone: '199****0001' }], with_minor: true, guardian_reached: false, relation: '自称表亲' } }],
    timeline: [
      { at: at(-6 * HOUR), who: '民宿治安管理', text: '登记入住时发现未成年人无监护人陪同', kind: 'decision', decision: 'dec-1' },
      { at: at(-6 * HOUR), who: '未成年人保护', text: '立案并通知承办单位', kind: 'event', decision: 'dec-1' },
      { at: at(-5 * HOUR), who: '示例甲', text: '由“登记”流转到“受理”：属于本单位职责', kind: 'moved' },
      { at: at(-4 * HOUR), who: '示例甲', text: '已电话联系经营者，核实房间号和同住人；监护人电话无人接听，一小时后再打。', kind: 'note' },
      { at: at(-3 * HOUR), who: '示例甲', text: '由“受理”流转到“办理”', kind: 'moved' },
    ],
    clocks: light.state === 'none' ? [] : [clock(light)],
    duties: [
      { id: `dut-${serial}a`, title: '联系监护人并核实同住关系', unit_name: '示例区公安分局', basis: statute('示例法 第五十七条'), due: null, done: true, about: { id: `case-${serial}`, kind: 'case', title }, version: 1, light: LIGHTS[5] },
      { id: `dut-${serial}b`, title: '评估监护情况', unit_name: '示例区民政局', basis: statute('示例法 第九十一条'), due: at(2 * DAY), done: false, about: { id: `case-${serial}`, kind: 'case', title }, version: 1, light: LIGHTS[3] },
    ],
    actions: [{ pack: 'minors', name: 'follow', title: '登记回访', allowed: true, why_not: null }, { pack: 'minors', name: 'close', title: '结束临时监护', allowed: false, why_not: '尚未开始临时监护（示例法 第九十三条）' }],
    deferrals: { asks: true, items: [] },
    stage_moves: [{ stage: 'replied', title: '答复', allowed: true, why_not: null }, { stage: 'archived', title: '归档', allowed: false, why_not: '尚未答复当事人，不能归档；请先答复' }],
    decisions: [{ id: 'dec-1', at: at(-6 * HOUR), summary: '发现未成年人无监护人陪同入住，已立案' }],
    pack: { name: pack, version: '1.0.0', title: declared.packs.find((item) => item.name === pack).title, available: serial !== 4 },
    ...extra,
  }
  cases.unshift(item)
  return item
}

function addRisk(stage, advised, level, light) {
  serial += 1
  risks.unshift({
    id: `risk-${serial}`,
    title: `示例民宿 ${200 + serial} 室：烟感缺失、通道堵塞`,
    risk_type: 'homestay.room',
    type_title: '客房安全隐患',
    stage,
    level,
    advised,
    subject: { id: 'ent-2', name: '示例民宿 201 室', kind: 'place' },
    division_name: STREETS[serial % 4],
    unit_name: '示例区公安分局',
    light,
    version: 1,
    findings: [
      { rule: 'smoke-alarm', text: '未安装独立式烟感报警器', basis: statute('示例消防规范 第四条') },
      { rule: 'exit', text: '疏散通道堆放杂物，净宽不足 1.1 米', basis: statute('示例消防规范 第七条') },
      { rule: 'poster', text: '未张贴住客须知', basis: policy('示例区民宿管理要求 三（二）') },
    ],
    timeline: [{ at: at(-2 * DAY), who: '民宿治安管理', text: '检查发现 3 处不符合规定', kind: 'decision', decision: 'dec-1' }],
    clocks: [clock(light)],
    duties: [{ id: `dut-${serial}`, title: '督促经营者整改', unit_name: '示例区公安分局', basis: statute('示例条例 第十八条'), due: at(5 * DAY), done: false, about: { id: `risk-${serial}`, kind: 'risk', title: '示例民宿：烟感缺失' }, version: 1, light: LIGHTS[3] }],
    actions: [{ pack: 'homestay', name: 'recheck', title: '申请复查', allowed: false, why_not: '处置环节才能申请复查' }],
    decisions: [{ id: 'dec-1', at: at(-2 * DAY), summary: '检查发现 3 处不符合规定' }],
    stage_moves: [{ stage: 'assessed', title: '评估', allowed: Boolean(level), why_not: level ? null : '尚未由承办人评定等级' }],
    level_history: level ? [{ level, reason: '通道堵塞且无烟感，夜间有人住宿', basis: '示例消防规范 第四条', by: '示例甲（公安分局）', at: at(-DAY) }] : [],
  })
}

entities.push(
  { id: 'ent-1', kind: 'person', name: '样例*', division_name: '甲街道', facets_shown: [], identifiers: [{ scheme: 'resident-id', masked: '999***********001X' }], facets: [], actions: [] },
  { id: 'ent-2', kind: 'place', name: '示例民宿 201 室', division_name: '甲街道', facets_shown: ['客房'], identifiers: [], facets: [{ name: 'homestay.room', title: '客房', schema: roomSchema, data: { licence: 'filing', beds: 2, smoke_alarm: false, host_phone: '199****0003', host_id: '999***********0036', inspected_at: at(-2 * DAY) }, labels: { host_phone: { level: 'L3', tags: ['personal'], mask: 'phone' }, host_id: { level: 'L4', tags: ['personal', 'sensitive'], mask: 'resident_id' } } }], actions: [{ pack: 'homestay', name: 'inspect', title: '检查房间', allowed: true, why_not: null }] },
)
for (let index = 3; index < 12; index += 1) entities.push({ id: `ent-${index}`, kind: 'place', facets_shown: [], name: `示例民宿 ${200 + index} 室`, division_name: STREETS[index % 4], identifiers: [], facets: [], actions: [] })
for (let index = 0; index < 64; index += 1) addCase(LIGHTS[index < 4 ? 3 : index % LIGHTS.length], CASE_STAGES[index % 8], TITLES[index % TITLES.length])
addCase(LIGHTS[1], 'handling', TITLES[0], 'minors')
addCase(LIGHTS[0], 'accepted', TITLES[3], 'minors')
addRisk('found', 'larger', null, LIGHTS[3])
addRisk('listed', 'major', null, LIGHTS[2])
addRisk('disposing', 'general', 'larger', LIGHTS[0])
addRisk('verified', 'general', 'general', LIGHTS[5])
addRisk('assigned', 'extraordinary', 'extraordinary', LIGHTS[1])

function decide(actor, pack, action, answers, summary, reasons, subject) {
  const id = `dec-${decisions.length + 1}`
  decisions.push({
    id,
    at: new Date().toISOString(),
    pack,
    version: '1.0.0',
    digest: '7c'.repeat(32),
    actor,
    input: { action, answers },
    outcome: { summary, reasons },
    explanation: { text: '登记的人员中有未满十八周岁的人，同住人不是监护人，且未能联系上监护人，因此通知保护部门。', reasons, remedy: '认为判断有误的，可在六十日内向上级机关申请复核。' },
    reads: [{ kind: 'entity', id: 'ent-2', version: 4 }, { kind: 'case', id: 'case-1', version: 3 }],
    effects: [{ text: '登记 2 名入住人员' }, { text: '发布事件：未成年人无人陪同入住' }, { text: '设定时限：立即报告' }],
    cost: { micros: 412, host_calls: 9, memory: 1_310_720, attempts: 1 },
  })
  return { decision: id, summary, reasons, subject }
}
decide('示例甲', 'homestay', 'register', { room: 'ent-2' }, '发现未成年人无监护人陪同入住，已立案', [{ text: '接待未成年人入住应当询问父母联系方式、入住人员关系', basis: statute('示例法 第五十七条') }, { text: '发现可疑情况应当立即报告', basis: statute('示例法 第十一条') }], { kind: 'case', id: 'case-1' })
for (let index = 0; index < 40; index += 1) note(index % 7 === 3 ? '示例甲 → 民宿治安管理 1.0.0' : '示例甲', index % 5 ? '读取' : '写入', `entity/ent-${index % 9}`, index % 7 === 3 ? 'deny' : index % 11 ? 'allow' : 'fail')

class Refusal extends Error {
  constructor(status, title, detail, problems = [], next = '') {
    super(detail)
    this.body = { type: 'about:blank', title, status, detail, problems, next }
  }
}

const page = (list, query) => {
  const limit = Number(query.get('limit') ?? 50)
  const from = Number(query.get('after') ?? 0)
  return { items: list.slice(from, from + limit), next: from + limit < list.length ? String(from + limit) : null }
}
const find = (list, id) => {
  const found = list.find((item) => item.id === id)
  if (!found) throw new Refusal(404, '未找到', '没有这条记录，或您无权知道它是否存在', [], '请核对编号')
  return found
}
const duties = () => [...cases, ...risks].flatMap((item) => item.duties)
const fresh = (item, version) => {
  if (item.version !== version) throw new Refusal(409, '状态冲突', '这条记录在您打开之后又有变动', [], '请刷新页面，看过最新情况后再操作')
}

function act(session, pack, name, body) {
  const { answers } = body
  const problems = (answers.guests ?? []).flatMap((guest, index) => (guest.document === 'resident-id' && !/^\d{17}[\dX]$/.test(guest.number ?? '') ? [{ at: `/answers/guests/${index}/number`, found: '不是 18 位证件号', expected: '18 位居民身份证号' }] : []))
  if (problems.length > 0) throw new Refusal(422, '内容有误', '有填写内容不符合要求', problems, '请按提示修改后重新提交')
  const target = name === 'follow' ? find(cases, body.subject) : name === 'inspect' ? null : addCase(LIGHTS[1], 'registered', name === 'report' ? '强制报告：第一类应当报告的情形' : TITLES[0], 'minors')
  const result = decide(
    session.person.name,
    pack,
    name,
    answers,
    target ? `已办理，生成案件 ${target.code}` : '已记录检查结果',
    [
      { text: '接待未成年人入住应当询问父母联系方式、入住人员关系', basis: statute('示例法 第五十七条') },
      { text: '本区要求一小时内回访', basis: policy('示例区办理规程 第四条') },
    ],
    target ? { kind: 'case', id: target.id } : { kind: 'entity', id: body.subject },
  )
  note(`${session.person.name} → ${pack} 1.0.0`, '插件决定', target?.id ?? body.subject)
  return result
}

const routes = [
  ['GET', /^\/session$/, ({ session }) => session],
  ['GET', /^\/interface$/, () => declared],
  ['GET', /^\/cases$/, ({ query }) => page(cases.filter((item) => (!query.get('light') || item.light.state === query.get('light')) && (!query.get('stage') || item.stage === query.get('stage')) && (!query.get('matter') || item.matter === query.get('matter')) && (!query.get('q') || `${item.title}${item.code}`.includes(query.get('q')))), query)],
  ['GET', /^\/cases\/([^/]+)$/, ({ args }) => find(cases, args[0])],
  ['POST', /^\/cases\/([^/]+)\/move$/, ({ args, body, session }) => {
    const item = find(cases, args[0])
    fresh(item, body.version)
    Object.assign(item, { stage: body.stage, substage: body.substage ?? null, version: item.version + 1 })
    item.timeline.push({ at: new Date().toISOString(), who: session.person.name, text: `流转：${body.note}`, kind: 'moved' })
    return item
  }],
  ['POST', /^\/cases\/([^/]+)\/(notes|reply)$/, ({ args, body, session }) => {
    const item = find(cases, args[0])
    item.version += 1
    item.timeline.push({ at: new Date().toISOString(), who: session.person.name, text: body.text, kind: args[1] === 'notes' ? 'note' : 'reply' })
    return item
  }],
  ['GET', /^\/figures$/, () => ({ open_cases: cases.filter((item) => item.stage !== 'archived').length, overdue: cases.filter((item) => item.light.state === 'overdue').length, due_today: 8, new_risks: 2, open_duties: duties().filter((duty) => !duty.done).length })],
  ['GET', /^\/duties$/, ({ query }) => page(duties().filter((duty) => (query.get('overdue') ? duty.light.state === 'overdue' : String(!duty.done) === query.get('open'))), query)],
  ['POST', /^\/duties\/([^/]+)\/complete$/, ({ args, body }) => {
    const duty = find(duties(), args[0])
    fresh(duty, body.version)
    return Object.assign(duty, { done: true, evidence: body.evidence, version: duty.version + 1 })
  }],
  ['GET', /^\/risks$/, ({ query }) => page(risks.filter((item) => (!query.get('stage') || item.stage === query.get('stage')) && (!query.get('level') || item.level === query.get('level')) && (!query.get('type') || item.risk_type === query.get('type'))), query)],
  ['GET', /^\/risks\/([^/]+)$/, ({ args }) => find(risks, args[0])],
  ['POST', /^\/risks\/([^/]+)\/assess$/, ({ args, body, session }) => {
    const item = find(risks, args[0])
    fresh(item, body.version)
    Object.assign(item, { level: body.level, stage: item.stage === 'listed' ? 'assessed' : item.stage, version: item.version + 1 })
    item.level_history.push({ level: body.level, reason: body.reason, basis: body.basis, by: session.person.name, at: new Date().toISOString() })
    return item
  }],
  ['POST', /^\/risks\/([^/]+)\/move$/, ({ args, body }) => {
    const item = find(risks, args[0])
    fresh(item, body.version)
    return Object.assign(item, { stage: body.stage, version: item.version + 1 })
  }],
  ['GET', /^\/entities$/, ({ query }) => page(entities.filter((item) => (!query.get('kind') || item.kind === query.get('kind')) && (!query.get('q') || item.name.includes(query.get('q')))), query)],
  ['GET', /^\/entities\/([^/]+)$/, ({ args }) => {
    const item = find(entities, args[0])
    return { ...item, cases: cases.filter((one) => one.parties.some((party) => party.entity === item.id)).slice(0, 3), risks: risks.filter((one) => one.subject.id === item.id).slice(0, 3), duties: [], views: item.id === 'ent-2' ? offers(true) : [] }
  }],
  ['POST', /^\/actions\/([^/]+)\/([^/]+)$/, ({ args, body, session }) => act(session, args[0], args[1], body)],
  ['GET', /^\/decisions\/([^/]+)$/, ({ args }) => find(decisions, args[0])],
  ['POST', /^\/decisions\/([^/]+)\/replay$/, ({ args }) => ({ equal: Boolean(find(decisions, args[0])), detail: '3 项结果逐字节一致' })],
  ['GET', /^\/views$/, ({ query }) => offers(Boolean(query.get('subject')))],
  ['GET', /^\/views\/([^/]+)\/([^/]+)$/, ({ args }) => drawn(args[1]) ?? find([], args[1])],
  ['GET', /^\/actions\/[^/]+\/[^/]+\/prefill$/, () => []],
  ['GET', /^\/accounts$/, () => ({ accounts: [], units: [], roles: [], levels: [] })],
  ['GET', /^\/share-items$/, () => ({ items: [], groups: [], may_publish: false })],
  ['GET', /^\/shares$/, () => []],
  ['GET', /^\/records\/([^/]+)$/, ({ args }) => ({ id: args[0], kind: args[0].startsWith('ent') ? 'entity' : args[0].split('-')[0], title: args[0] })],
  ['GET', /^\/divisions$/, ({ query }) => STREETS.map((name, index) => ({ code: `50019900${index + 1}000`.padEnd(12, '0'), name: `示例区${name}` })).filter(({ name }) => name.includes(query.get('q') ?? ''))],
  ['GET', /^\/audit$/, ({ session, query }) => {
    if (!session.roles.includes('auditor')) throw new Refusal(403, '不允许', '只有审计员可以查看日志', [], '如工作确需，请由审计员代查')
    const { items, next } = page([...log].reverse(), query)
    return { size: log.length, root: 'a4f1'.repeat(16), entries: items, next }
  }],
  ...packRoutes({ page, refuse: (status, title, detail) => { throw new Refusal(status, title, detail) } }),
]

async function readBody(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text ? JSON.parse(text) : {}
}

async function answer(request, response, url) {
  const path = url.pathname.slice('/api/v1'.length)
  const login = /anshu=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
  const send = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
  try {
    const body = request.method === 'GET' ? {} : await readBody(request)
    if (request.method === 'POST' && path === '/session') {
      if (!people[body.login] || body.password !== 'demo') throw new Refusal(401, '登录未成功', '账号或密码不正确', [], '请核对后重试；连续五次错误将锁定十五分钟')
      return send(200, people[body.login], { 'set-cookie': `anshu=${body.login}; HttpOnly; SameSite=Strict; Path=/` })
    }
    const session = people[login]
    if (!session) throw new Refusal(401, '尚未登录', '会话不存在或已过期', [], '请重新登录')
    if (request.method !== 'GET' && request.headers['x-anshu-csrf'] !== session.csrf) throw new Refusal(403, '不允许', '请求缺少防伪标记', [], '请刷新页面')
    if (request.method === 'DELETE' && path === '/session') return send(204, undefined, { 'set-cookie': 'anshu=; Max-Age=0; Path=/' })
    for (const [method, pattern, handler] of routes) {
      const args = method === request.method && pattern.exec(path)
      if (args) return send(200, handler({ args: args.slice(1), body, session, query: url.searchParams }))
    }
    throw new Refusal(404, '未找到', `没有 ${path}`)
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error)
    const refusal = error instanceof Refusal ? error : new Refusal(500, '内部错误', String(error))
    send(refusal.body.status, refusal.body)
  }
}

/** Starts the server; resolves to its address and a way to stop it. */
export function startMock(port = 0) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost')
    if (url.pathname.startsWith('/api/')) return void answer(request, response, url)
    const wanted = normalize(join(DIST, url.pathname))
    const file = wanted.startsWith(DIST) && extname(wanted) && existsSync(wanted) ? wanted : join(DIST, 'index.html')
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP, 'x-content-type-options': 'nosniff' })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() })))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) startMock(Number(process.argv[2] ?? 4180)).then(({ url }) => console.log(url))
