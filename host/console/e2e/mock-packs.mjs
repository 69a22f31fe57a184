/** Sample data of packs' life, trials and upgrade plans for the mock server, with as much behaviour as the screens need. */
const HOUR = 3_600_000
const DAY = 24 * HOUR
const at = (offset) => new Date(Date.now() + offset).toISOString()
const role = (name) => ({ role: name, title: { security: '安全管理员', 'department-lead': '部门负责人', coordinator: '统筹员' }[name] })
const TITLES = { staged: '待启用', active: '已启用', shadow: '试运行', quarantined: '已隔离', withdrawn: '已撤回', removed: '已移除' }
const grant = (pack) => ({ pack, allows: { imports: ['entities', 'cases', 'events', 'calendar'], reads: [`${pack}.room`], writes: [`${pack}.room`], publishes: ['minor-unaccompanied@1'], hears: [], ceiling: 'L4' }, duty_division: '500199000000', duty_unit: 'u1', purposes: ['lodging'], approved_by: 'p4', approved_at: Date.now() - DAY })
const signature = (holder) => ({ algorithm: 'ed25519', key_id: '5e'.repeat(32), key: `${holder}-2026`, holder, signer: '示例签名人', counts: true, worth: '有效，计入' })
const signed = { accepted: true, signatures: [signature('示例区公安分局'), signature('示例软件公司')], warning: null }

const packs = [
  { name: 'homestay', version: '1.0.0', title: '民宿治安管理', state: 'active', effective_from: '2026-01-01', effective_until: '2026-12-31', contract: '0.1.0', provenance: signed },
  {
    name: 'homestay', version: '1.1.0', title: '民宿治安管理', state: 'staged', effective_from: '2027-01-01', contract: '0.2.0', provenance: signed,
    request: {
      state: 'open', asked_by: '示例丙', asked_at: at(-3 * HOUR), refers_to: null,
      more: [{ text: '读取“未成年人回访记录”', sensitive: '含未成年人信息，须由部门与安全管理员共同同意' }, { text: '为“核查补录”处理数据，依据：示例办法 第十二条' }],
      less: [{ text: '不再写入“房间备案”' }],
      awaited: [role('security')],
      answers: [{ role: role('department-lead'), name: '示例戊', approved: true, reason: '补录确有需要', at: at(-HOUR) }],
    },
  },
  { name: 'minors', version: '1.0.0', title: '未成年人保护', state: 'active', effective_from: '2026-01-01', contract: '0.2.0', provenance: { accepted: false, signatures: [], warning: '没有签名；来源策略要求发布单位签名' } },
  { name: 'lost', version: '0.3.1', title: '失物招领', state: 'quarantined', effective_from: '2026-01-01', contract: '0.1.0', provenance: signed, reason: '“登记失物”连续三次超过用时限额（100 毫秒），累计 5 次故障' },
].map((pack, index) => ({ request: null, activation: null, reason: null, effective_until: null, publisher: '示例区公安分局', digest: `${index}7c`.repeat(21) + 'a', grant: grant(pack.name), ...pack, state_title: TITLES[pack.state] }))

const history = [
  { version: '1.0.0', state: 'active', state_title: '已启用', reason: '首次安装', at: at(-90 * DAY) },
  { version: '1.1.0', state: 'staged', state_title: '待启用', reason: null, at: at(-3 * HOUR) },
]

const group = (kind, title, leaning, leaning_title, count) => ({ kind, title, leaning, leaning_title, count, examples: [{ of: 'dec-1', at: at(-2 * DAY), changes: [{ at: '/clocks/0/amount', old: '7 个工作日', new: '5 个工作日' }, { at: '/outcome/summary', old: '已办理', new: '已办理，须在 5 日内回访' }] }] })
const groups = [group('outcome', '结论不同', 'loosens', '放宽', 3), group('clock', '时限不同', 'tightens', '收紧', 41)]
const verdict = { needs_second_role: true, agreed: false, why: ['放宽：结论不同，3 个决定', '影子运行只观察了 62 个决定，应观察 100 个'], blocked: [] }
const report = {
  old_version: '1.0.0', golden_cases: 12, golden_wrong: [], golden_of_old: { decisions: 10, equal: 9, erased: 0, groups: [group('clock', '时限不同', 'tightens', '收紧', 1)] },
  replay: { decisions: 1204, equal: 1160, erased: 0, groups }, unsound: 0, unsound_examples: [], unmatched: 2, newly_read: ['未成年人回访记录'],
}
const trials = [
  { id: 'trial-1', kind: 'replay', pack: 'homestay', version: '1.1.0', digest: '17c', span: 30, by: '示例丙', state: 'done', begun_at: at(-2 * HOUR), ended_at: at(-2 * HOUR + 30_000), report },
  { id: 'trial-2', kind: 'shadow', pack: 'homestay', version: '1.1.0', digest: '17c', span: 100, by: '示例丙', state: 'running', begun_at: at(-HOUR) },
]
const shadow = { pack: 'homestay', version: '1.1.0', digest: '17c'.repeat(21) + 'a', running: true, needed: 100, seen: 62, equal: 57, erased: 0, dropped: 1, groups, days: [{ day: at(0).slice(0, 10), groups }], verdict }

const BINS = { unaffected: '不受影响', automatic: '自动衔接', person: '需人工确认', stays: '留在旧版' }
const STATES = { ready: '待衔接', waiting: '待进入下一环节', person: '待人工确认', stays: '不衔接', applied: '已衔接', undone: '已撤回', kept: '不能撤回' }
const items = Array.from({ length: 46 }, (_, index) => {
  const bin = ['automatic', 'automatic', 'person', 'unaffected', 'stays'][index % 5]
  const changes = bin === 'automatic'
  return {
    case: `case-${index + 1}`, code: `AS5001992026${String(index + 1).padStart(6, '0')}`, division: `示例区${['甲街道', '乙街道', '丙镇'][index % 3]}`, bin, bin_title: BINS[bin],
    state: { automatic: 'ready', unaffected: 'ready', person: 'person', stays: 'stays' }[bin],
    reason: { automatic: '按声明自动衔接：办理期限缩短', unaffected: '时限、表单和承办都不变', person: '新版删去了所在的细分环节“责令改正”，没有声明去向', stays: '事实发生在新规施行之前，按原版本办结' }[bin],
    left: null, rule: changes ? '对施行前受理的未办结事项有利时适用' : null, basis: changes ? { article: '示例区办理规程 第四条', authority: 'policy' } : null,
    old_due: at(8 * DAY), new_due: changes ? at(3 * DAY) : at(8 * DAY), old_light: 'normal', new_light: changes ? 'soon' : 'normal', light_changes: changes,
    clocks: changes ? [{ name: '办理期限', old_limit: '7 个工作日', new_limit: '5 个工作日', old_due: at(8 * DAY), new_due: at(3 * DAY) }] : [],
    missing: bin === 'person' ? [{ form: '核查表', field: '复核人', from: '办理' }] : [], upcoming: [], function: null,
  }
})
const plan = { id: 'upg-1', pack: 'homestay', pack_title: '民宿治安管理', version: '1.1.0', state: 'proposed', state_title: '待审批', notice: '3 个工作日', made_by: 'p3', made_at: at(-2 * HOUR), approvals: [], awaited: ['统筹员', '安全管理员'], notes: ['不受影响的事项只改由新版本办理；留在旧版的事项按原版本办结；需人工确认的事项不会自动改变。', '每件已衔接的事项，在下一次人工办理之前都可以撤回，撤回后与衔接之前完全一致。'], journal: [{ at: at(-2 * HOUR), actor: '示例丙', text: '提出方案' }, { at: at(-2 * HOUR + 9_000), actor: '作业', text: '已预演 46 件' }] }
const tally = (names, of) => Object.entries(names).map(([name, title]) => ({ name, title, count: items.filter(of(name)).length })).filter(({ count }) => names === BINS || count > 0)
const shown = () => ({ ...plan, progress: { done: items.length, total: items.length, running: false }, bins: tally(BINS, (name) => (item) => item.bin === name), items: tally(STATES, (name) => (item) => item.state === name) })
const put = (item, state) => Object.assign(item, { state, state_title: STATES[state] })
items.forEach((item) => put(item, item.state))
/** Cases that wait for their handler's word; a few are enough to look at. */
const unconfirmed = (only) => items.filter((item) => item.state === 'person' && (!only || item.case === only)).slice(0, 2).map((item) => ({ plan: plan.id, pack_title: plan.pack_title, version: plan.version, item }))
const told = (actor, text) => plan.journal.push({ at: at(0), actor, text })

const STEPS = { approve: '批准授权', refuse: '退回授权', activate: '启用', cancel: '取消排定', withdraw: '撤回', remove: '移除', release: '解除隔离' }

/** The routes of this part. `refuse(status, title, detail)` throws. */
export function packRoutes({ refuse, page }) {
  const taking = (session, ...roles) => session.roles.some((role) => roles.includes(role)) || refuse(403, '不允许', '您的岗位不办理这一步')
  const found = (list, fits) => list.find(fits) ?? refuse(404, '未找到', '没有这条记录，或您无权知道它是否存在')
  const step = (pack, name, body, session) => {
    const line = `${body.dry_run ? '将' : '已'}${STEPS[name] ?? '回退'} ${pack.title} ${pack.version}；正在进行的调用不受影响`
    if (body.dry_run) return { dry_run: true, lines: [line] }
    if (name === 'approve') {
      pack.request.answers.push({ role: pack.request.awaited.shift(), name: session.person.name, approved: true, reason: body.reason ?? '', at: at(0) })
      if (pack.request.awaited.length === 0) pack.request.state = 'approved'
    } else if (name === 'refuse') pack.request.state = 'refused'
    else if (name === 'activate' && body.at) pack.activation = { at: body.at, asked_by: session.person.name, state: 'waiting', reason: null }
    else if (name === 'cancel') pack.activation = null
    else {
      const state = { activate: 'active', release: 'active', withdraw: 'withdrawn', remove: 'removed', rollback: 'withdrawn' }[name]
      Object.assign(pack, { state, state_title: TITLES[state], reason: body.reason || null })
      history.push({ version: pack.version, state, state_title: TITLES[state], reason: body.reason || null, at: at(0) })
    }
    return { dry_run: false, lines: [line] }
  }
  return [
    ['GET', /^\/packs$/, ({ session }) => taking(session, 'administrator', 'security', 'department-lead', 'coordinator') && packs],
    ['POST', /^\/packs$/, ({ body }) => ({ dry_run: body.dry_run, lines: [`${body.dry_run ? '将' : '已'}存入 homestay 1.2.0`, '  ＋ 读取“未成年人回访记录”', '须由安全管理员批准后才能启用'] })],
    ['GET', /^\/packs\/([^/]+)$/, ({ args }) => ({ name: args[0], versions: packs.filter(({ name }) => name === args[0]), history })],
    ['POST', /^\/packs\/([^/]+)\/rollback$/, ({ args, body, session }) => step(found(packs, ({ name, state }) => name === args[0] && state === 'active'), 'rollback', body, session)],
    ['POST', /^\/packs\/([^/]+)\/([^/]+)\/(\w+)$/, ({ args, body, session }) => step(found(packs, ({ name, version }) => name === args[0] && version === args[1]), args[2], body, session)],
    ['GET', /^\/trials$/, () => trials],
    ['POST', /^\/trials$/, () => trials[0]],
    ['POST', /^\/trials\/shadows$/, () => trials[1]],
    ['GET', /^\/trials\/shadows\/([^/]+)\/([^/]+)$/, () => shadow],
    ['DELETE', /^\/trials\/shadows\/([^/]+)\/([^/]+)$/, () => Object.assign(shadow, { running: false }) && Object.assign(trials[1], { state: 'stopped' })],
    ['POST', /^\/trials\/agreements$/, () => Object.assign(verdict, { agreed: true })],
    ['GET', /^\/trials\/([^/]+)$/, ({ args }) => ({ ...found(trials, ({ id }) => id === args[0]), verdict })],
    ['GET', /^\/upgrades$/, () => [{ ...shown(), journal: [] }]],
    ['POST', /^\/upgrades$/, () => shown()],
    ['GET', /^\/upgrades\/unconfirmed$/, ({ query }) => unconfirmed(query.get('case'))],
    ['POST', /^\/upgrades\/([^/]+)\/items\/([^/]+)$/, ({ args, body, session }) => {
      const item = found(items, ({ case: id }) => id === args[1])
      put(item, body.accepts ? 'applied' : 'stays')
      told(session.person.name, `承办单位确认${body.accepts ? '同意' : '不'}衔接：事项 ${item.code}`)
      return unconfirmed(null)
    }],
    ['GET', /^\/upgrades\/([^/]+)$/, shown],
    ['GET', /^\/upgrades\/([^/]+)\/items$/, ({ query }) => page(items.filter((item) => (!query.get('bin') || item.bin === query.get('bin')) && (!query.get('state') || item.state === query.get('state'))), query)],
    ['POST', /^\/upgrades\/([^/]+)\/approve$/, ({ session }) => {
      const as = found(['coordinator', 'security'], (name) => session.roles.includes(name))
      plan.approvals.push({ role: as, role_title: role(as).title, person: session.person.id, at: at(0) })
      plan.awaited = plan.awaited.filter((title) => title !== role(as).title)
      if (plan.awaited.length === 0) Object.assign(plan, { state: 'approved', state_title: '已批准' })
      told(session.person.name, `${role(as).title}岗位同意`)
      return shown()
    }],
    ['POST', /^\/upgrades\/([^/]+)\/apply$/, ({ session }) => {
      items.filter(({ state }) => state === 'ready').forEach((item) => put(item, 'applied'))
      Object.assign(plan, { state: 'applied', state_title: '已实施' })
      told(session.person.name, '实施')
      return shown()
    }],
    ['POST', /^\/upgrades\/([^/]+)\/undo$/, ({ body, session }) => {
      items.filter((item) => item.state === 'applied' && (!body.case || item.case === body.case)).forEach((item) => put(item, 'undone'))
      told(session.person.name, body.case ? '撤回一件' : '撤回全部')
      return shown()
    }],
  ]
}
