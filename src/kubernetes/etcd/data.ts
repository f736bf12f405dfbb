/**
 * Where a member's data are: its write-ahead log, made with its first start. The directory `member` alone tells nothing:
 * a founder whose data are gone makes it at each of its false starts ("has already been bootstrapped", etcd 3.4.23).
 */
export const writeAheadLog = (dataDir: string): string => `${dataDir}/member/wal`
