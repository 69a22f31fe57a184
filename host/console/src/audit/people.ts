/** Whose acts the log holds: it names persons by id alone, and who may see the accounts reads them by name. */
import { useQuery } from '@tanstack/react-query'
import { accountsQuery } from '../api/queries'
import type { AccountView } from '../api/types'

type Account = Pick<AccountView, 'person' | 'name' | 'login'>

/** A text of the log with the names of those whose ids stand in it; the ids stay where nobody is known by them. */
export function named(text: string, accounts: readonly Account[]): string {
  return accounts.reduce((told, { person, name, login }) => told.replace(`人员 ${person}`, `${name} ${login}`), text)
}

/** The accounts, where they have come. */
export function useAccounts(): readonly AccountView[] {
  return useQuery({ ...accountsQuery, staleTime: 5 * 60_000 }).data?.accounts ?? []
}
