"""Moves images into the class folders that people named when they rechecked labels, and out of the data what they
left out.

    python move_files.py                  says what it would do
    python move_files.py --do             does it
    python move_files.py --do --rename    gives 1.png the name 1-2.png where there is a 1.png already

It overwrites nothing, and moves no file whose content is not what people saw. What was moved before stays.
"""

import argparse
import hashlib
import itertools
import os
import shutil
import sys

ROOT = ""  # folder of the images
LEFT_OUT = ""  # folder for what is left out, beside ROOT
MOVES = []  # (file below ROOT, name there after the move, or None: below LEFT_OUT; sha256 of its content)
SHOWN = 20


def planned(root, left_out, rename):
    """(from, to) of what can be moved, (file, reason) of what cannot, and how many are where they belong."""
    moves, refused, done, taken = [], [], 0, set()
    for file, name, content in MOVES:
        source = os.path.join(root, file)
        target = os.path.join(root, name) if name else os.path.join(left_out, file)
        if not os.path.exists(source) and moved(target, content):
            done += 1
        elif not os.path.isfile(source):
            refused.append((file, "is not there any more"))
        elif not holds(source, content):
            refused.append((file, "has another content than what people saw"))
        elif not rename and not free(target, taken):
            refused.append((file, f"there is a file {target} already (--rename: take another name)"))
        else:
            target = next(other for other in names(target) if free(other, taken))
            taken.add(os.path.normcase(target))
            moves.append((source, target))
    return moves, refused, done


def names(target):
    """`target` 1.png, then 1-2.png, 1-3.png, ..."""
    stem, ending = os.path.splitext(target)
    yield target
    for number in itertools.count(2):
        yield f"{stem}-{number}{ending}"


def free(target, taken):
    return not os.path.lexists(target) and os.path.normcase(target) not in taken


def moved(target, content):
    """Whether the content is there already, under `target` or a name that was taken in its place."""
    return any(holds(path, content) for path in itertools.takewhile(os.path.lexists, names(target)))


def holds(path, content):
    """Whether `path` is a file of this content."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as opened:
        return hashlib.sha256(opened.read()).hexdigest() == content


def move(source, target):
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.move(source, target)
    except OSError as error:
        sys.exit(f"error: {error}; what was moved stays, run again to go on")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--do", action="store_true", help="move; without it nothing is changed")
    parser.add_argument("--rename", action="store_true", help="take another name where a file is in the way")
    parser.add_argument("--root", default=ROOT, help="folder of the images (%(default)s)")
    parser.add_argument("--left-out", default=LEFT_OUT, help="folder for what is left out (%(default)s)")
    args = parser.parse_args()
    if not os.path.isdir(args.root):
        sys.exit(f"error: {args.root}: no such folder; allowed: --root with the folder of the images")
    moves, refused, done = planned(args.root, args.left_out, args.rename)
    for source, target in moves if args.do else moves[:SHOWN]:
        if args.do:
            move(source, target)
        else:
            print(f"{source} -> {target}")
    if not args.do and len(moves) > SHOWN:
        print(f"... and {len(moves) - SHOWN} more")
    for file, reason in refused:
        print(f"not moved: {file}: {reason}", file=sys.stderr)
    said = f"{len(moves)} {'moved' if args.do else 'to move'}, {done} moved before, {len(refused)} not moved"
    print(said if args.do or not moves else f"{said}; to move: python {os.path.basename(__file__)} --do")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
