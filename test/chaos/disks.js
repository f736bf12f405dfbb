import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { answer, must, sleep } from './program.js'

/** Sparse; a machine with a cluster takes about two. */
const size = '8G'

/** EXT4_IOC_SHUTDOWN (linux/ext4.h: _IOR('X', 125, __u32)) with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk. */
const shutdown =
  'open(my $f, "<", $ARGV[0]) or die $!; my $how = pack("L", 2); ioctl($f, 0x8004587d, $how) or die "shutdown: $!"'

const last = { last: true }
const isMount = async (path) => (await answer('mountpoint', ['-q', path], last)).code === 0

/** Mounts a machine's disk, which is made when it is not there. */
export async function diskUp({ directory, image }) {
  if (!existsSync(image)) {
    await must('truncate', ['-s', size, image])
    await must('mkfs.ext4', ['-q', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1', image])
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!(await isMount(directory))) await must('mount', ['-o', 'loop', image, directory])
  // the lab knows directories that are its own by what is in them
  rmSync(`${directory}/lost+found`, { recursive: true, force: true })
}

/** What `lab up` wrote is there after the next power cut. */
export async function flushDisks(disks) {
  await Promise.all(disks.map(({ directory }) => must('sync', ['-f', directory])))
}

/** The disk takes nothing any more. */
export const powerCut = ({ directory }) => must('perl', ['-e', shutdown, directory])

/** Unmounts a machine's disk, and deletes it unless it is to be kept. The machine does not run. */
export async function diskDown({ directory, image }, { keep = false } = {}) {
  if (await isMount(`${directory}/root`)) await must('umount', ['-R', `${directory}/root`], last)
  if (await isMount(directory)) await must('umount', [directory], last)
  if (keep) await released(image)
  else rmSync(image, { force: true })
}

/**
 * Waits until nothing holds the image: mounted twice, the two would not know of each other. What the machine's last
 * processes hold for longer is left to them, and the image is a copy from then on.
 */
async function released(image) {
  for (let i = 0; i < 50; i += 1) {
    if ((await must('losetup', ['-j', image])) === '') return
    await sleep(100)
  }
  await must('cp', ['--sparse=always', image, `${image}.copy`])
  renameSync(`${image}.copy`, image)
}
