/** An endless list as one. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

/** Rows that fill a screen, and how many short pages are read on by itself. */
const FULL = 20
const TRIES = 5

interface Paged<T> {
  items: T[]
  next?: string | null
}

type Options<T> = Parameters<typeof useInfiniteQuery<Paged<T>, Error, { pages: Paged<T>[]; pageParams: unknown[] }, readonly unknown[], string | undefined>>[0]

/** All rows that were read so far, with the means to read on. */
export function usePages<T>(options: unknown) {
  const query = useInfiniteQuery(options as Options<T>)
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  const pages = query.data?.pages.length ?? 0
  const { hasNextPage, isFetching, fetchNextPage } = query
  // A filtered page may come back short, or empty, while there is more: read on a little before saying so.
  useEffect(() => {
    if (items.length < FULL && hasNextPage && !isFetching && pages > 0 && pages < TRIES) void fetchNextPage()
  }, [items.length, hasNextPage, isFetching, pages, fetchNextPage])
  return {
    items,
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasNextPage: query.hasNextPage,
    isFetchingNextPage: query.isFetchingNextPage,
    fetchNextPage: query.fetchNextPage,
  }
}
