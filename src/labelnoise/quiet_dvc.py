"""DVC's command line without its last words, which tell who runs `make` to add files to git and to push them.

Neither is asked of anyone here: what comes out is in the reports. Nor does it repeat that a stage failed which has
just said why. All else is DVC's own, in its own process: its other errors and its exit codes, the signals that it
gets, and the terminal that its stages write to.
"""

import logging
import re
import sys

from labelnoise import dvc_files, forks

PUSH = "Use `dvc push` to send your updates to remote storage."
INTERRUPTED = 252  # DVC's exit code
BY_SIGNAL = 128  # a shell's exit code is larger where a signal ended its command, which then said nothing


def main() -> int:
    """DVC's exit code: that of an interrupt also while DVC is loaded, which takes most of a second."""
    try:
        from dvc.cli import main as dvc

        hush()
        dvc_files.speed_up()
        forks.speed_up()
        return dvc(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED


def hush() -> None:
    """Let DVC say nothing of git below a warning, nothing of a remote storage, and no error twice."""
    from dvc import cli
    from dvc.repo import scm_context
    from dvc.ui import ui

    scm_context.logger.setLevel(logging.WARNING)
    cli.logger.addFilter(_is_news)
    write = ui.write
    ui.write = lambda *said, **how: None if said == (PUSH,) else write(*said, **how)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether nobody has said it before: a stage that ended by itself has said why."""
    from dvc.stage.exceptions import StageCmdFailedError

    cause = record.exc_info and getattr(record.exc_info[1], "__cause__", None)
    ended = isinstance(cause, StageCmdFailedError) and re.search(r"exited with (\d+)$", str(cause))
    return not ended or int(ended[1]) > BY_SIGNAL


if __name__ == "__main__":
    sys.exit(main())
