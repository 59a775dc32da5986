#!/usr/bin/env python
"""Django's command line for elearning."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "elearning.settings")
    from elearning import command_line

    command_line.execute(sys.argv)


if __name__ == "__main__":
    main()
