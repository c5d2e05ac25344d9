"""Test the note's claims on the result tables, and rank the methods. Trains nothing."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, params, planned, results, stage
from labelnoise.claims import compare, kinds, looks, ranks, verdict


def main() -> None:
    name, p = artifacts.asked(__doc__), params.load()
    folder = artifacts.of(name).tables
    tested = kinds.run({table: results.read(table, folder) for table in compare.TABLES}, p.statements)
    first = planned.looks(p)[0] if looks.registered(p) else None
    claims = verdict.table(tested, p.statements, p.claims.level, first, p.registration.open or [])
    statements = verdict.statements_table(claims, p.statements)
    if differ := looks.differing(p, statements):
        print(f"{', '.join(differ)}: after look one not as registration.yaml has it, which holds")
    results.write("claims", claims, folder)
    results.write("statements", statements, folder)
    results.write("ranks", ranks.table(results.read("intervals", folder)), folder)


if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        main()
