"""Stands between a machine's link and its bridge, and holds each frame back; some are lost.

slow.py LINK TAP BRIDGE SECONDS LOSS: makes TAP, puts it on BRIDGE, and carries frames between it and LINK, which is
on no bridge. For kernels without netem. TAP goes with this process. Says "ready".
"""
import collections, fcntl, os, random, select, socket, struct, subprocess, sys, time

link, tap, bridge, delay, loss = *sys.argv[1:4], float(sys.argv[4]), float(sys.argv[5])
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
# TUNSETIFF; IFF_TAP | IFF_NO_PI
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH", tap.encode(), 0x0002 | 0x1000))
# frames wait for this process while others have the processors: no queue may be so short that it loses them
subprocess.check_call(["ip", "link", "set", tap, "txqueuelen", "10000", "master", bridge, "up"])
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
# SO_RCVBUFFORCE: more than net.core.rmem_max
raw.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)
raw.bind((link, 0))
raw.setblocking(False)
outgoing = 4
waiting = collections.deque()
# a delay is to be the same on a computer that is busy with what it delays
os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
print("ready", flush=True)


def pull(read):
    """Takes what is there, some hundred frames at most, so that those that are due go on in time."""
    for _ in range(256):
        try:
            frame = read()
        except BlockingIOError:
            return
        except OSError:
            return  # the machine is off
        if frame is not None and random.random() >= loss:
            yield frame


def from_link():
    frame, (_, _, kind, *_) = raw.recvfrom(65536)
    return None if kind == outgoing else frame


while True:
    first = waiting[0][0] - time.monotonic() if waiting else 1.0
    select.select([tun, raw], [], [], max(first, 0))
    due = time.monotonic() + delay
    waiting.extend((due, "tap", frame) for frame in pull(from_link))
    waiting.extend((due, "link", frame) for frame in pull(lambda: os.read(tun, 65536)))
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, to, frame = waiting.popleft()
        try:
            os.write(tun, frame) if to == "tap" else raw.send(frame)
        except OSError:
            pass  # a full queue loses frames, as networks do
