/** Fills a declared form as a clerk would, from its schema alone: it knows types, options and formats, and no department. */

const SHOWN_CHOICES = 5

/** An identity number of no real place (999999), with the right check character. */
export function syntheticId(birth = '19900101', serial = 1) {
  const body = `999999${birth}${String(serial).padStart(3, '0')}`
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  return body + '10X98765432'[weights.reduce((sum, weight, place) => sum + weight * Number(body[place]), 0) % 11]
}

let people = 0

/** Every row is another person. */
function nextId() {
  people += 1
  return syntheticId('19900101', people)
}

function textFor(schema, name) {
  const texts = { 'id-cn': nextId(), 'phone-cn': '19900000001', uscc: undefined, date: '1990-01-01', 'date-time': stamp(Date.now() - 600_000) }
  if (schema.format && schema.format in texts) return texts[schema.format]
  if (/number|id_?no|document_no|identi/i.test(name)) return nextId()
  if (/phone|tel/i.test(name)) return '19900000001'
  const text = '样例内容，自动测试所填。'
  return text.slice(0, Math.max(schema.minLength ?? 0, Math.min(schema.maxLength ?? 12, 12))).padEnd(schema.minLength ?? 0, '样')
}

function stamp(at) {
  const local = new Date(at + 8 * 3_600_000).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 16)}`
}

function types(schema) {
  return [schema.type].flat()
}

async function pickFirst(page, id) {
  await page.locator(`[id="${id}"]`).click()
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').first().waitFor()
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').first().click()
}

/** Fills one field. `given` overrides by name. */
async function fillField(page, id, name, schema, given) {
  const own = given[name]
  const options = schema.oneOf ?? schema.enum?.map((value) => ({ const: value, title: String(value) }))
  const field = page.locator(`[id="${id}"]`)
  if (types(schema).includes('array')) {
    const items = schema.items ?? {}
    if (items.oneOf || items.enum) {
      const title = (items.oneOf ?? []).at(0)?.title
      if (title) await page.getByLabel(title, { exact: true }).first().check()
      return
    }
    // Two rows, so that the second is added by keyboard.
    const rows = own ?? Array.from({ length: Math.min(schema.maxItems ?? 2, Math.max(schema.minItems ?? 0, 2)) }, () => ({}))
    for (const [index, row] of rows.entries()) {
      if ((await page.locator(`[id^="${id}_${index}_"]`).count()) === 0) {
        // Alt+Enter where there is a row to stand in; the button where there is none.
        if (index > 0) await page.locator(`input[id^="${id}_${index - 1}_"]`).first().press('Alt+Enter')
        else await page.getByRole('group').filter({ hasText: schema.title ?? name }).getByRole('button', { name: /增加一项/ }).last().click()
        await page.locator(`[id^="${id}_${index}_"]`).first().waitFor()
      }
      await fillObject(page, `${id}_${index}`, items, row)
    }
    return
  }
  if (types(schema).includes('object')) return fillObject(page, id, schema, own ?? {})
  if (types(schema).includes('boolean')) return field.getByText(own === true ? '是' : '否', { exact: true }).click()
  if (options) {
    const chosen = options.find((option) => option.const === own) ?? options[0]
    if (options.length <= SHOWN_CHOICES && (await field.getByRole('radio').count()) > 0) return field.getByText(chosen.title ?? String(chosen.const), { exact: true }).click()
    await field.click()
    await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)').getByTitle(chosen.title ?? String(chosen.const), { exact: true }).click()
    return
  }
  if (schema.format === 'division' || schema.format?.endsWith('-ref')) return pickFirst(page, id)
  const text = own ?? (types(schema).some((type) => type === 'integer' || type === 'number') ? String(schema.minimum ?? 1) : textFor(schema, name))
  if (text === undefined) throw new Error(`no sample for ${name} (${schema.format})`)
  await field.fill(String(text))
  if (schema.format === 'date' || schema.format === 'date-time') await field.press('Enter')
}

/** Fills what is required, and what was given. */
export async function fillObject(page, id, schema, given) {
  const wanted = new Set([...(schema.required ?? []), ...Object.keys(given)])
  for (const [name, property] of Object.entries(schema.properties ?? {})) if (wanted.has(name)) await fillField(page, `${id}_${name}`, name, property, given)
  const met = schema.if && Object.entries(schema.if.properties ?? {}).every(([name, { const: value }]) => given[name] === value)
  if (met && schema.then) await fillObject(page, id, schema.then, given)
}
