"""DVC's command line without its last words, which tell who runs `make` to add files to git and to push them.

Neither is asked of anyone here: what comes out is in the reports. All else is DVC's own, in its own process: its
errors and exit codes, the signals that it gets, and the terminal that its stages write to.
"""

import logging
import sys

PUSH = "Use `dvc push` to send your updates to remote storage."
INTERRUPTED = 252  # DVC's exit code


def main() -> int:
    """DVC's exit code: that of an interrupt also while DVC is loaded, which takes most of a second."""
    try:
        from dvc.cli import main as dvc

        hush()
        return dvc(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED


def hush() -> None:
    """Let DVC say nothing of git below a warning, and nothing of a remote storage."""
    from dvc.repo import scm_context
    from dvc.ui import ui

    scm_context.logger.setLevel(logging.WARNING)
    write = ui.write
    ui.write = lambda *said, **how: None if said == (PUSH,) else write(*said, **how)


if __name__ == "__main__":
    sys.exit(main())
