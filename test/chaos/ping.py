"""ping.py ADDRESS COUNT SECONDS: sends COUNT echo requests, one each SECONDS, waits two seconds longer, and prints
{"sent", "received", "medianMs"}. For computers without ping."""
import json, os, select, socket, statistics, struct, sys, time

address, count, pause = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
request, reply = 8, 0
own = os.getpid() & 0xFFFF
# IPv4 with its header, which answers begin with
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
raw.setblocking(False)
# what it measures is not to be its own waiting for a processor
os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def echo(number):
    parts = (request, 0, 0, own, number)
    return struct.pack("!BBHHH", *parts[:2], checksum(struct.pack("!BBHHH", *parts)), own, number)


sent, took = {}, {}
begun = time.monotonic()
while True:
    now = time.monotonic()
    if len(sent) < count and now >= begun + len(sent) * pause:
        number = len(sent)
        sent[number] = now
        raw.sendto(echo(number), (address, 0))
        continue
    if len(sent) == count and (len(took) == count or now > sent[count - 1] + 2):
        break
    due = begun + len(sent) * pause if len(sent) < count else sent[count - 1] + 2
    if not select.select([raw], [], [], max(due - now, 0) + 0.001)[0]:
        continue
    answer, (sender, _) = raw.recvfrom(2048)
    kind, _, _, whose, number = struct.unpack("!BBHHH", answer[20:28])
    if (kind, whose, sender) == (reply, own, address) and number in sent:
        took.setdefault(number, time.monotonic() - sent[number])
median = statistics.median(took.values()) * 1000 if took else None
print(json.dumps({"sent": count, "received": len(took), "medianMs": median}))
