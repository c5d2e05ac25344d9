"""Stage `figures`: execute one notebook for one data set, and store it with its figures."""

import argparse
from pathlib import Path

from labelnoise import params, stage
from labelnoise.figures import notebook


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--notebook", required=True, help="name of a file in notebooks/")
    parser.add_argument(
        "--data", required=True, help="npz file of the download stage, for notebooks that show images"
    )
    parser.add_argument("--tables", required=True, help="folder of the result tables")
    parser.add_argument("--figures", required=True, help="folder for PNG and SVG")
    parser.add_argument("--out", required=True, type=Path, help="executed notebook")
    args = parser.parse_args()

    p = params.load()
    if args.notebook not in p.figures:
        raise ValueError(f"params.yaml: figures.{args.notebook}: missing; allowed: {', '.join(p.figures)}")
    source = Path("notebooks", f"{args.notebook}.py")
    given = {"dataset": args.dataset, "tables": args.tables, "figures": args.figures, "methods": list(p.methods)}
    given |= {"data": args.data} if "data" in notebook.parameters(source) else {}
    Path(args.figures).mkdir(parents=True, exist_ok=True)  # DVC asks for it, also where there is nothing to draw
    notebook.execute(source, args.out, given | p.figures[args.notebook])


if __name__ == "__main__":
    with stage.running():
        main()
