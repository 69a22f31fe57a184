#!/usr/bin/env python3
"""A second verifier of Anshu's audit log, written from the formats' descriptions and sharing no code with the first:
C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-proof, and `anshu.dossier/v1`
(host/data/src/log/dossier.rs). Standard library only.

    verify.py tiles <folder> --key <vkey> [--witness <vkey>]... [--at-least <n>]
    verify.py dossier <file> --key <vkey> [--witness <vkey>]... [--at-least <n>]

Prints what it found; exit code 0 where everything holds, 1 where something is wrong.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import struct
import sys

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


class Wrong(Exception):
    """What is wrong, in words."""


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def decode64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Wrong("base64 that is not in its one form")
    return data


# Ed25519 as in RFC 8032, on extended coordinates.
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, p)
        p, n = add(p, p), n >> 1
    return result


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Wrong("not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % Q
    left, right = times(s, BASE), add(point(r), times(h, point(key)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


class Key:
    """A public key of notes: type 1 is a log's Ed25519, type 4 a witness's."""

    def __init__(self, text):
        self.name, number, data = text.strip().split("+", 2)
        data = decode64(data)
        self.kind, self.key = data[0], data[1:]
        self.id = sha(self.name.encode(), b"\n", data)[:4]
        if self.kind not in (1, 4) or len(self.key) != 32 or self.id.hex() != number:
            raise Wrong("not a public key: " + text)

    def signed(self, text, lines):
        """Whether this key signed a text; a line under its name that does not fit is wrong, not absent."""
        for name, number, signature in lines:
            if (name, number) != (self.name, self.id):
                continue
            message = text.encode()
            if self.kind == 4:
                time, signature = signature[:8], signature[8:]
                message = b"cosignature/v1\ntime %d\n" % struct.unpack(">Q", time) + message
            if not ed25519(self.key, message, signature):
                raise Wrong("a signature of %s does not fit" % self.name)
            return True
        return False


def note(text):
    """The text of a note, and its signature lines."""
    body, _, rest = text.rpartition("\n\n")
    if not rest.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise Wrong("not a note")
    lines = []
    for line in rest[:-1].split("\n"):
        mark, name, data = line.split(" ")
        data = decode64(data)
        if mark != "\u2014" or len(data) < 5:
            raise Wrong("not a signature line")
        lines.append((name, data[:4], data[4:]))
    return body + "\n", lines


def checkpoint(text, policy):
    """(size, root) of a checkpoint that the log signed and enough witnesses cosigned."""
    body, lines = note(text)
    origin, size, root = body.split("\n")[:3]
    if not policy.key.signed(body, lines) or origin != policy.key.name:
        raise Wrong("the checkpoint is not signed by the log")
    if sum(witness.signed(body, lines) for witness in policy.witness) < policy.at_least:
        raise Wrong("the checkpoint is not cosigned by enough witnesses")
    if str(int(size)) != size:
        raise Wrong("a size that is not in its one form")
    return int(size), decode64(root)


def leaf_hash(data):
    return sha(b"\0", data)


def tree(hashes):
    """The root over hashes: the largest power of two below their number goes left (RFC 6962)."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1", tree(hashes[:split]), tree(hashes[split:]))


def included(index, size, data, path, root):
    """RFC 6962, 2.1.1, by recursion."""
    def climb(index, size, path):
        if size == 1:
            return leaf_hash(data) if not path else None
        if not path:
            return None
        split = 1 << (size - 1).bit_length() - 1
        if index < split:
            below = climb(index, split, path[:-1])
            return below and sha(b"\1", below, path[-1])
        below = climb(index - split, size - split, path[:-1])
        return below and sha(b"\1", path[-1], below)
    return index < size and climb(index, size, path) == root


def place(index, width):
    text = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        text = "x%03d/%s" % (index % 1000, text)
    return text if width == 256 else "%s.p/%d" % (text, width)


def tiles(folder, policy):
    size, root = checkpoint((folder / "checkpoint").read_text("utf-8"), policy)
    hashes, last = [], None
    for start in range(0, size, 256):
        width = min(256, size - start)
        data = (folder / "tile/entries" / place(start // 256, width)).read_bytes()
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            entry, data = data[2:2 + length], data[2 + length:]
            at = json.loads(entry)["at"]
            if len(entry) != length or (last is not None and at < last):
                raise Wrong("entry %d is cut, or its time goes back" % len(hashes))
            hashes.append(leaf_hash(entry))
            last = at
        if data:
            raise Wrong("a bundle holds more than its entries")
    if tree(hashes) != root:
        raise Wrong("the entries are not those of the checkpoint")
    level = 0
    while hashes:
        for start in range(0, len(hashes), 256):
            part = hashes[start:start + 256]
            if (folder / ("tile/%d" % level) / place(start // 256, len(part))).read_bytes() != b"".join(part):
                raise Wrong("a tile on level %d is not what the entries make" % level)
        hashes = [tree(hashes[start:start + 256]) for start in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    return "tiles hold: %d entries" % size


def row(*parts):
    """The hash of a row: texts and bytes after their length, numbers in eight bytes."""
    out = b""
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        out += struct.pack(">q", data) if isinstance(data, int) else struct.pack(">Q", len(data)) + data
    return sha(out)


def maybe(text):
    return (0,) if text is None else (1, text)


def fact(item):
    """The hash by which an entry vouches for an item; none where it vouches for none."""
    get = item.get
    if item["item"] == "version":
        return row("version", get("id"), struct.pack(">Q", get("version")), bytes.fromhex(get("digest")))
    if item["item"] == "decision":
        return row("decision", get("id"), get("at"), get("pack"), *maybe(get("serves")), bytes.fromhex(get("digest")))
    if item["item"] == "line":
        return row("line", get("about"), get("ordinal"), get("at"), get("by"), *maybe(get("pack")), 1, get("text"), get("operation"))
    return bytes.fromhex(get("hash")) if item["item"] == "covered" else None


def dossier(path, policy):
    text = path.read_bytes().decode("utf-8")
    body, lines = note(text)
    if len(lines) != 1 or not policy.key.signed(body, lines):
        raise Wrong("the dossier is not sealed by the log's key")
    rows = body.split("\n")[:-1]
    if rows[0] != "anshu.dossier/v1":
        raise Wrong("not a dossier")
    leaves, facts, proofs, above, matter, last = {}, [], [], rows[0] + "\n", None, -1
    for text in rows[1:]:
        item = json.loads(text)
        what = item["item"]
        if what == "head":
            matter = item["matter"]
        elif what in ("version", "decision", "line", "covered"):
            facts.append((item, fact(item)))
        elif what in ("leaf", "export"):
            leaf = json.loads(item["bytes"])
            bound = [bytes.fromhex(one) for one in item.get("rows", [])]
            if item["index"] <= last or (what == "leaf" and leaf.get("rows", "") != (sha(*sorted(bound)).hex() if bound else "")):
                raise Wrong("entry %d does not vouch for its rows" % item["index"])
            if what == "export" and (leaf.get("digest") != sha(above.encode()).hex() or leaf.get("serves") != matter):
                raise Wrong("the export that is in the log is not this one")
            last = item["index"]
            leaves[last] = (item["bytes"].encode(), set(bound))
        elif what == "proof":
            proofs.append(item["proof"])
        elif what != "record":
            raise Wrong("an unknown item: " + what)
        above += text + "\n"
    for item, digest in facts:
        if item["leaf"] not in leaves or digest not in leaves[item["leaf"]][1]:
            raise Wrong("a %s is not what entry %d vouches for" % (item["item"], item["leaf"]))
    if len(proofs) != len(leaves):
        raise Wrong("not one proof for each entry")
    trees = {}
    for proof, (index, (data, _)) in zip(proofs, sorted(leaves.items())):
        head, _, signed = proof.partition("\n\n")
        first, second, *path = head.split("\n")
        if signed not in trees:
            trees[signed] = checkpoint(signed, policy)
        size, root = trees[signed]
        if (first, second) != ("c2sp.org/tlog-proof@v1", "index %d" % index):
            raise Wrong("a proof is of another entry")
        if not included(index, size, data, [decode64(line) for line in path], root):
            raise Wrong("entry %d is not in the log" % index)
    return "dossier holds: %d facts, %d entries" % (len(facts), len(leaves))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["tiles", "dossier"])
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--key", required=True, type=Key)
    parser.add_argument("--witness", action="append", default=[], type=Key)
    parser.add_argument("--at-least", type=int, default=0)
    policy = parser.parse_args()
    try:
        print((tiles if policy.what == "tiles" else dossier)(policy.path, policy))
    except (Wrong, ValueError, KeyError, OSError, TypeError, struct.error) as wrong:
        print("wrong: %s" % wrong)
        sys.exit(1)


if __name__ == "__main__":
    main()
