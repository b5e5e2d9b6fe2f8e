"""The two things that may go wrong for a user: the input, and the machine."""


class InputError(Exception):
    """What the user gave is wrong; the text says where, what was found and what was expected. Exit code 2."""


class MachineError(Exception):
    """The environment is in the way: disk full, no permission, interrupted. Exit code 3."""
