"""Ctrl-C while a run is under way.

Python raises `KeyboardInterrupt` wherever the program happens to be. Where that is a callback of a compiler, a thread pool or
the garbage collector, Python prints it and drops it, and the run goes on as if nobody had pressed. So a press is noted here, and
the run asks between days.
"""

import signal
import threading
from types import FrameType
from typing import Self


class Interrupt:
    """Notes presses of Ctrl-C for as long as it is entered; the handler before it is put back after.

    Signals reach the main thread only: elsewhere, and in a program that handles Ctrl-C in its own way, nothing is installed.

    Attributes:
        waits: Whether the first press waits for `check`; otherwise, and from the second on, a press raises where it falls.
    """

    def __init__(self) -> None:
        self.waits = False
        self._presses = 0
        self._installed = False

    def __enter__(self) -> Self:
        """Install the handler."""
        self._installed = (
            threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._installed:
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        """Put the handler before it back."""
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Stop if anybody pressed, also if what an earlier press raised was dropped.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        if self._presses:
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._presses += 1
        if not self.waits or self._presses > 1:
            raise KeyboardInterrupt
