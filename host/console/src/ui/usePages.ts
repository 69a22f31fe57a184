/** An endless list as one. */
import { useInfiniteQuery } from '@tanstack/react-query'

interface Paged<T> {
  items: T[]
  next?: string | null
}

type Options<T> = Parameters<typeof useInfiniteQuery<Paged<T>, Error, { pages: Paged<T>[]; pageParams: unknown[] }, readonly unknown[], string | undefined>>[0]

/** All rows that were read so far, with the means to read on. */
export function usePages<T>(options: unknown) {
  const query = useInfiniteQuery(options as Options<T>)
  return {
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasNextPage: query.hasNextPage,
    isFetchingNextPage: query.isFetchingNextPage,
    fetchNextPage: query.fetchNextPage,
  }
}
