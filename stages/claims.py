"""Test the note's claims on the result tables, and rank the methods. Trains nothing."""

import argparse
from pathlib import Path

from labelnoise import params, planned, results, stage
from labelnoise.claims import ranks, statements, verdict

READ = ("contrasts", "fit", "imbalance")
WHERE_DETECTED = ("alternatives", "tiers")  # not every data set has them, and without the truth they are empty


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="its section in params.yaml")
    parser.add_argument("--tables", type=Path, required=True, help="folder of result tables")
    args = parser.parse_args()
    p = params.load()
    tables = {name: results.read(name, args.tables) for name in READ}
    found = [name for name in WHERE_DETECTED if (args.tables / f"{name}.csv").exists()]
    tables |= {name: results.read(name, args.tables) for name in found}
    tested = statements.run(tables, p.claims.model_dump())
    share = planned.test_share(p, args.dataset)
    claims = verdict.table(tested, statements.STATEMENTS, p.claims.level, share)
    results.write("claims", claims, args.tables)
    results.write("statements", verdict.statements_table(claims, statements.STATEMENTS), args.tables)
    results.write("ranks", ranks.table(results.read("intervals", args.tables)), args.tables)


if __name__ == "__main__":
    with stage.running():
        main()
